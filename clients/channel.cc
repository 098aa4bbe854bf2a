#include "clients/channel.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "server/frame.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;

constexpr std::size_t kReceiveBytes = std::size_t{64} << 10U;

std::unexpected<ClientError> error(ClientErrorKind kind, std::string what) {
  return std::unexpected(ClientError{kind, std::move(what), std::nullopt});
}

std::string address_of(const ClientOptions& options) {
  const bool v6 = options.host.contains(':');
  return (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

}  // namespace

Channel::Channel(const asio::any_io_executor& executor)
    : resolver_(executor), socket_(executor), received_(kReceiveBytes) {}

asio::awaitable<ClientResult<ServerHello>> Channel::open(const ClientOptions& options) {
  close();
  asio::steady_timer timer(co_await asio::this_coro::executor, options.connect_timeout);
  auto first = co_await (shake_hands(options) || timer.async_wait(kAwait));
  if (auto* shaken = std::get_if<0>(&first)) co_return std::move(*shaken);
  co_return error(ClientErrorKind::timed_out, address_of(options) + " did not answer within " +
                                                  std::to_string(options.connect_timeout.count()) + " ms");
}

asio::awaitable<ClientResult<ServerHello>> Channel::shake_hands(const ClientOptions& options) {
  auto connected = co_await connect(options);
  if (!connected) co_return std::unexpected(std::move(connected.error()));

  ClientHello hello;
  hello.client = options.name.substr(0, kMaxClientNameBytes);
  std::string frame;
  encode_request({0, std::move(hello)}, frame);
  auto written = co_await write(frame);
  if (!written) co_return std::unexpected(std::move(written.error()));

  auto message = co_await read();
  if (!message) co_return std::unexpected(std::move(message.error()));
  if (auto* answer = std::get_if<ServerHello>(&message->reply)) {
    if (answer->version == kProtocolVersion) co_return std::move(*answer);
    co_return error(ClientErrorKind::protocol,
                    "the ledger speaks version " + std::to_string(answer->version));
  }
  if (auto* refused = std::get_if<ErrorReply>(&message->reply)) {
    co_return std::unexpected(
        ClientError{ClientErrorKind::rejected, std::move(refused->detail), refused->rule});
  }
  co_return error(ClientErrorKind::protocol, "the ledger did not answer the hello with its own");
}

asio::awaitable<ClientResult<void>> Channel::connect(const ClientOptions& options) {
  auto [unresolved, endpoints] =
      co_await resolver_.async_resolve(options.host, std::to_string(options.port), kAwait);
  if (unresolved) co_return error(ClientErrorKind::unreachable, options.host + ": " + unresolved.message());
  auto [failed, endpoint] = co_await asio::async_connect(socket_, endpoints, kAwait);
  if (failed) co_return error(ClientErrorKind::unreachable, address_of(options) + ": " + failed.message());

  boost::system::error_code ignored;  // a slower connection is still a connection
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  co_return ClientResult<void>();
}

asio::awaitable<ClientResult<ReplyMessage>> Channel::read() {
  for (;;) {
    auto message = take_message();
    if (!message) co_return std::unexpected(std::move(message.error()));
    if (*message) co_return std::move(**message);

    auto [failed, size] = co_await socket_.async_read_some(free_space(), kAwait);
    if (failed) co_return error(ClientErrorKind::lost, failed.message());
    end_ += size;
  }
}

asio::awaitable<ClientResult<void>> Channel::write(std::string_view frames) {
  auto [failed, size] = co_await asio::async_write(socket_, asio::buffer(frames), kAwait);
  if (failed) co_return error(ClientErrorKind::lost, failed.message());
  co_return ClientResult<void>();
}

void Channel::close() {
  resolver_.cancel();
  boost::system::error_code ignored;  // closed it is, whatever there was to say about it
  socket_.close(ignored);
  begin_ = end_ = 0;
}

ClientResult<std::optional<ReplyMessage>> Channel::take_message() {
  std::string_view bytes(received_.data() + begin_, end_ - begin_);
  const auto payload = take_frame(bytes);
  if (!payload) {
    return error(ClientErrorKind::protocol, "the ledger sent " + std::string(name_of(payload.error())));
  }
  if (!*payload) return std::nullopt;
  begin_ = end_ - bytes.size();
  auto message = decode_reply(**payload);
  if (!message)
    return error(ClientErrorKind::protocol, "the ledger sent no message: " + message.error().what);
  return std::move(*message);
}

asio::mutable_buffer Channel::free_space() {
  if (begin_ > 0) {
    std::copy(received_.begin() + static_cast<std::ptrdiff_t>(begin_),
              received_.begin() + static_cast<std::ptrdiff_t>(end_), received_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == received_.size()) received_.resize(received_.size() * 2);  // a frame is bounded, so this is
  return asio::buffer(received_.data() + end_, received_.size() - end_);
}

std::chrono::milliseconds backoff(int attempt) {
  constexpr std::chrono::milliseconds kFirst(50);
  constexpr std::chrono::milliseconds kLongest(2'000);
  return std::min(kFirst * (1 << std::min(attempt - 1, 10)), kLongest);
}

}  // namespace stockfold
