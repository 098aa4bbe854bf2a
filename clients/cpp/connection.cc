#include "clients/cpp/connection.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cassert>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/frame.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;

/// Errors that a second attempt would repeat.
bool is_final(const ClientError& error) {
  return error.kind == ClientErrorKind::protocol || error.kind == ClientErrorKind::untrusted ||
         error.kind == ClientErrorKind::another_life || error.code == ErrorCode::unauthorized;
}

ClientError lost(std::string what) { return {ClientErrorKind::lost, std::move(what), std::nullopt}; }

ClientError restored(Epoch before, Epoch now) {
  return lost("the ledger was restored meanwhile, and is in epoch " + std::to_string(now.value()) +
              " instead of " + std::to_string(before.value()) +
              ": earlier positions are not valid in it; connect again");
}

}  // namespace

Client::Connection::Connection(ClientOptions options)
    : options_(std::move(options)),
      work_(io_.get_executor()),
      channel_(io_.get_executor()),
      news_(io_, asio::steady_timer::time_point::max()),
      pause_(io_),
      expiry_(io_) {}

// NOLINTNEXTLINE(bugprone-exception-escape): if even this post fails, the program must end
Client::Connection::~Connection() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] { close(); });
  thread_.join();
}

ClientResult<void> Client::Connection::start() try {
  std::promise<ClientResult<void>> promise;
  auto started = promise.get_future();
  asio::co_spawn(io_, serve(std::move(promise)), [this](const std::exception_ptr& error) { finish(error); });
  thread_ = std::thread([this] { io_.run(); });
  return started.get();
} catch (const std::exception& error) {
  return std::unexpected(ClientError{ClientErrorKind::unreachable, error.what(), std::nullopt});
}

void Client::Connection::send(Request request, Done done) {
  asio::post(io_, [this, request = std::move(request), done = std::move(done)]() mutable {
    accept(std::move(request), std::move(done));
  });
}

ServerHello Client::Connection::server() const {
  const std::lock_guard lock(mutex_);
  return server_.value_or(ServerHello());
}

ClientResult<ServerHello> Client::Connection::same_life() const {
  const std::lock_guard lock(mutex_);
  if (!server_) return ServerHello();
  if (server_->epoch != *found_in_) return std::unexpected(restored(*found_in_, server_->epoch));
  return *server_;
}

// ---- the connection ---------------------------------------------------------------------------------------

asio::awaitable<void> Client::Connection::serve(std::promise<ClientResult<void>> started) {
  auto hello = co_await channel_.open(options_);
  if (!hello) {
    started.set_value(std::unexpected(std::move(hello.error())));
    co_return;
  }
  started.set_value(welcome(std::move(*hello)));

  while (!closed_) {
    ClientError ended = co_await converse();
    for (bool restored = false; !closed_ && !restored;) {
      restored = co_await restore(ended);
    }
  }
}

asio::awaitable<ClientError> Client::Connection::converse() {
  connected_ = true;
  heard_ = Clock::now();
  if (const auto life = same_life(); !life) fail_all_but_commands(life.error());
  queued_.clear();
  recode_all();
  for (const auto& [id, request] : outstanding_) queued_ += request.frame;

  auto ended = co_await (read_replies() || write_requests());
  connected_ = false;
  channel_.close();
  co_return std::visit([](ClientError& error) { return std::move(error); }, ended);
}

asio::awaitable<ClientError> Client::Connection::read_replies() {
  for (;;) {
    auto message = co_await channel_.read();
    if (!message) co_return std::move(message.error());
    heard_ = Clock::now();
    if (auto broken = complete(std::move(*message))) co_return std::move(*broken);
  }
}

asio::awaitable<ClientError> Client::Connection::write_requests() {
  std::string writing;
  for (;;) {
    if (queued_.empty()) {
      co_await news_.async_wait(kAwait);
      const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
      if (cancelled != asio::cancellation_type::none) co_return lost("the reader ended");
      continue;
    }
    writing.clear();
    writing.swap(queued_);
    auto written = co_await channel_.write(writing);
    if (!written) co_return std::move(written.error());
  }
}

asio::awaitable<bool> Client::Connection::restore(ClientError& ended) {
  if (ended.kind == ClientErrorKind::protocol) fail_all(ended);
  while (outstanding_.empty() && !closed_) co_await news_.async_wait(kAwait);

  auto restored = co_await reconnect(ended);
  if (restored) co_return true;
  attempts_ = 0;
  ended = std::move(restored.error());
  fail_all(ended);
  co_return false;
}

asio::awaitable<ClientResult<void>> Client::Connection::reconnect(ClientError last) {
  while (!closed_ && attempts_ < options_.reconnects) {
    ++attempts_;
    pause_.expires_after(backoff(attempts_));
    co_await pause_.async_wait(kAwait);
    if (closed_) break;
    auto hello = co_await channel_.open(options_);
    if (hello) co_return welcome(std::move(*hello));
    last = std::move(hello.error());
    if (is_final(last)) co_return std::unexpected(std::move(last));
  }
  co_return std::unexpected(lost("the connection ended and could not be made again: " + last.what));
}

ClientResult<void> Client::Connection::welcome(ServerHello hello) {
  const std::lock_guard lock(mutex_);
  if (server_ && server_->ledger != hello.ledger) {
    channel_.close();
    return std::unexpected(lost("another ledger answers there: " + to_uuid(hello.ledger.bytes) +
                                " instead of " + to_uuid(server_->ledger.bytes)));
  }
  if (!found_in_) found_in_ = hello.epoch;
  server_ = std::move(hello);
  return {};
}

// ---- what is outstanding ----------------------------------------------------------------------------------

void Client::Connection::accept(Request request, Done done) {
  if (closed_) return done(std::unexpected(lost("the client is closed")));
  const bool is_command =
      std::holds_alternative<CommandRequest>(request) || std::holds_alternative<CommandBatch>(request);
  auto life = same_life();
  if (!life && !is_command) return done(std::unexpected(std::move(life.error())));
  auto frame = encoded(next_id_, request);
  if (!frame) return done(std::unexpected(std::move(frame.error())));
  if (connected_) queued_ += *frame;
  outstanding_.emplace(next_id_++, Outstanding{is_command,
                                               channel_.version(),
                                               std::move(*frame),
                                               Clock::now() + options_.request_timeout,
                                               std::move(done),
                                               {}});
  news_.cancel();
  await_deadline();
}

ClientResult<std::string> Client::Connection::encoded(std::uint64_t id, const Request& request) const {
  const std::uint32_t version = channel_.version();
  const std::uint32_t needed = first_version_of(request);
  if (needed > version) {
    return std::unexpected(ClientError{ClientErrorKind::rejected,
                                       "this request needs version " + std::to_string(needed) +
                                           " of the protocol, but the ledger speaks version " +
                                           std::to_string(version),
                                       ErrorCode::invalid_argument});
  }
  const auto* batch = std::get_if<CommandBatch>(&request);
  if (batch != nullptr && !fits_frame(*batch, version)) {
    return std::unexpected(ClientError{ClientErrorKind::rejected,
                                       "this request has more than " + std::to_string(kMaxFrameBytes) +
                                           " bytes: send its commands in several batches",
                                       ErrorCode::invalid_argument});
  }
  std::string frame;
  encode_request({id, request}, frame, version);
  return frame;
}

void Client::Connection::recode_all() {
  for (auto at = outstanding_.begin(); at != outstanding_.end();) {
    auto& [id, request] = *at;
    request.answers.clear();  // it is asked again
    if (request.version != channel_.version()) {
      const auto payload = std::string_view(request.frame).substr(kFrameHeaderBytes);
      const auto message = decode_request(payload, request.version);
      assert(message);  // this client encoded it
      auto frame = encoded(id, message->request);
      if (!frame) {
        Done done = std::move(request.done);
        at = outstanding_.erase(at);
        done(std::unexpected(std::move(frame.error())));
        continue;
      }
      request.version = channel_.version();
      request.frame = std::move(*frame);
    }
    ++at;
  }
}

std::optional<ClientError> Client::Connection::complete(ReplyMessage message) {
  auto* error = std::get_if<ErrorReply>(&message.reply);
  const auto found = outstanding_.find(message.id);
  if (found == outstanding_.end()) {
    if (message.id != 0 && message.id < next_id_) return std::nullopt;  // it came after its time-out
    if (error != nullptr) return lost(std::move(error->detail));
    return ClientError{ClientErrorKind::protocol, "the ledger sent a reply that matches no request",
                       std::nullopt};
  }

  attempts_ = 0;
  if (auto* batch = std::get_if<BatchReply>(&message.reply)) {
    std::vector<Answer>& answers = found->second.answers;
    std::ranges::move(batch->answers, std::back_inserter(answers));
    if (!batch->last) return std::nullopt;
    batch->answers = std::move(answers);
  }
  Done done = std::move(found->second.done);
  outstanding_.erase(found);
  if (error == nullptr) {
    done(std::move(message.reply));
  } else {
    done(std::unexpected(ClientError{ClientErrorKind::rejected, std::move(error->detail), error->code}));
  }
  return std::nullopt;
}

void Client::Connection::await_deadline() {
  if (expiring_ || outstanding_.empty()) return;
  expiring_ = true;
  expiry_.expires_at(outstanding_.begin()->second.deadline);
  expiry_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) expire();
  });
}

void Client::Connection::expire() {
  const ClientError error{ClientErrorKind::timed_out,
                          "no reply within " + std::to_string(options_.request_timeout.count()) + " ms",
                          std::nullopt};
  bool dead = false;
  while (!outstanding_.empty() && outstanding_.begin()->second.deadline <= Clock::now()) {
    auto oldest = outstanding_.extract(outstanding_.begin());
    oldest.mapped().done(std::unexpected(error));
    // No byte came in all that time: the next request gets a new connection.
    dead = connected_ && heard_ <= oldest.mapped().deadline - options_.request_timeout;
  }
  if (dead) channel_.close();
  expiring_ = false;
  await_deadline();
}

void Client::Connection::fail_all(const ClientError& error) {
  auto failed = std::exchange(outstanding_, {});
  for (auto& [id, request] : failed) request.done(std::unexpected(error));
}

void Client::Connection::fail_all_but_commands(const ClientError& error) {
  std::map<std::uint64_t, Outstanding> commands;
  for (auto& [id, request] : std::exchange(outstanding_, {})) {
    if (request.is_command) {
      commands.emplace(id, std::move(request));
    } else {
      request.done(std::unexpected(error));
    }
  }
  outstanding_ = std::move(commands);
}

void Client::Connection::close() {
  closed_ = true;
  fail_all(lost("the client was closed"));
  channel_.close();
  news_.cancel();
  pause_.cancel();
  expiry_.cancel();
  work_.reset();
}

void Client::Connection::finish(const std::exception_ptr& error) {
  if (!error) return;
  closed_ = true;
  channel_.close();
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    fail_all(lost(std::string("the client failed: ") + failure.what()));
  }
}

}  // namespace stockfold
