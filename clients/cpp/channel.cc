#include "clients/cpp/channel.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "core/life.h"
#include "net/keepalive.h"
#include "protocol/frame.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;

std::unexpected<ClientError> error(ClientErrorKind kind, std::string what) {
  return std::unexpected(ClientError{kind, std::move(what), std::nullopt});
}

std::unexpected<ClientError> closed() { return error(ClientErrorKind::lost, "the connection was closed"); }

std::string address_of(const ClientOptions& options) {
  const bool v6 = options.host.contains(':');
  return (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

}  // namespace

Channel::Channel(const asio::any_io_executor& executor) : resolver_(executor), socket_(executor) {}

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
  if (options.tls) {
    auto secured = co_await secure(options);
    if (!secured) co_return std::unexpected(std::move(secured.error()));
  }

  ClientHello hello;
  hello.client = options.name.substr(0, kMaxClientNameBytes);
  std::string frame;
  version_ = kFirstProtocolVersion;
  encode_request({0, std::move(hello)}, frame, version_);
  auto written = co_await write(frame);
  if (!written) co_return std::unexpected(std::move(written.error()));

  auto message = co_await read();
  if (!message) {
    if (message.error().kind == ClientErrorKind::lost && !options.tls) {
      message.error().what += ": it closed the connection at once; it may require TLS";
    }
    co_return std::unexpected(std::move(message.error()));
  }
  if (auto* answer = std::get_if<ServerHello>(&message->reply)) {
    if (!common_version(answer->version, answer->version)) {
      co_return error(ClientErrorKind::protocol,
                      "the ledger speaks version " + std::to_string(answer->version));
    }
    version_ = answer->version;
    // The ledger stays in one life for as long as the connection lasts.
    const std::string life = life_of(answer->ledger, answer->epoch);
    if (!options.life.empty() && options.life != life) {
      co_return error(ClientErrorKind::another_life, "the request is for ledger life " + options.life +
                                                         ", but the ledger is at life " + life +
                                                         "; nothing was sent");
    }
    auto logged_in = co_await log_in(options);
    if (!logged_in) co_return std::unexpected(std::move(logged_in.error()));
    co_return std::move(*answer);
  }
  if (auto* refused = std::get_if<ErrorReply>(&message->reply)) {
    co_return std::unexpected(
        ClientError{ClientErrorKind::rejected, std::move(refused->detail), refused->code});
  }
  co_return error(ClientErrorKind::protocol, "the ledger did not answer the hello with its own");
}

asio::awaitable<ClientResult<void>> Channel::connect(const ClientOptions& options) {
  auto [unresolved, endpoints] =
      co_await resolver_.async_resolve(options.host, std::to_string(options.port), kAwait);
  if (unresolved) co_return error(ClientErrorKind::unreachable, options.host + ": " + unresolved.message());
  auto [failed, endpoint] = co_await asio::async_connect(socket_, endpoints, kAwait);
  if (failed) co_return error(ClientErrorKind::unreachable, address_of(options) + ": " + failed.message());

  if (!options.token.empty() && !options.tls && !endpoint.address().is_loopback()) {
    co_return error(ClientErrorKind::untrusted, address_of(options) +
                                                    ": a token is sent to another machine only over TLS; "
                                                    "see --tls and --tls-ca");
  }
  boost::system::error_code ignored;  // a slower connection is still a connection
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  keep_alive(socket_, ignored);
  co_return ClientResult<void>();
}

asio::awaitable<ClientResult<void>> Channel::secure(const ClientOptions& options) {
  if (!tls_context_) {
    auto context = TlsContext::of_client(*options.tls, kTcpProtocol);
    if (!context) co_return error(ClientErrorKind::untrusted, std::move(context.error()));
    tls_context_ = std::move(*context);
  }
  tls_ = tls_context_->connect(options.host);
  for (;;) {
    std::string handshake;
    tls_->seal(handshake);
    auto sent = co_await send(handshake);
    if (!sent || tls_->established()) co_return sent;  // sent, so it is not closed
    auto received = co_await receive();
    if (!received) co_return received;
  }
}

asio::awaitable<ClientResult<void>> Channel::log_in(const ClientOptions& options) {
  if (options.token.empty()) co_return ClientResult<void>();
  std::string frame;
  encode_request({0, LogIn{options.token}}, frame, version_);
  auto written = co_await write(frame);
  if (!written) co_return written;
  auto message = co_await read();
  if (!message) co_return std::unexpected(std::move(message.error()));
  if (std::holds_alternative<LoggedIn>(message->reply)) co_return ClientResult<void>();
  if (auto* refused = std::get_if<ErrorReply>(&message->reply)) {
    co_return std::unexpected(
        ClientError{ClientErrorKind::rejected, std::move(refused->detail), refused->code});
  }
  co_return error(ClientErrorKind::protocol, "the ledger sent a reply that matches no request");
}

asio::awaitable<ClientResult<ReplyMessage>> Channel::read() {
  for (;;) {
    auto message = take_message();
    if (!message) co_return std::unexpected(std::move(message.error()));
    if (*message) co_return std::move(**message);
    auto received = co_await receive();
    if (!received) co_return std::unexpected(std::move(received.error()));
  }
}

asio::awaitable<ClientResult<void>> Channel::receive() {
  const auto room = received_.room();
  auto [failed, size] = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), kAwait);
  if (failed) co_return error(ClientErrorKind::lost, failed.message());
  if (!socket_.is_open()) co_return closed();  // closed before this ran
  if (!tls_) {
    received_.fill(size);
  } else if (!tls_->open(received_, room, size)) {
    if (tls_->what().empty()) co_return error(ClientErrorKind::lost, "the ledger closed the connection");
    std::string what = "TLS: " + tls_->what();
    std::string goodbye;
    tls_->seal(goodbye);
    auto sent = co_await send(goodbye);  // if the other side still reads
    co_return error(ClientErrorKind::untrusted, std::move(what));
  }
  co_return ClientResult<void>();
}

asio::awaitable<ClientResult<void>> Channel::write(std::string_view frames) {
  if (!tls_) co_return co_await send(frames);
  std::string sealed(frames);
  tls_->seal(sealed);
  co_return co_await send(sealed);
}

asio::awaitable<ClientResult<void>> Channel::send(std::string_view bytes) {
  auto [failed, size] = co_await asio::async_write(socket_, asio::buffer(bytes), kAwait);
  if (failed) co_return error(ClientErrorKind::lost, failed.message());
  if (!socket_.is_open()) co_return closed();  // as above
  co_return ClientResult<void>();
}

void Channel::close() {
  resolver_.cancel();
  boost::system::error_code ignored;  // the socket is closed even after an error
  socket_.close(ignored);
  received_ = {};
  tls_.reset();
}

ClientResult<std::optional<ReplyMessage>> Channel::take_message() {
  std::string_view bytes = received_.bytes();
  auto payload = take_frame(bytes);
  while (payload && *payload && is_later_reply(**payload))
    payload = take_frame(bytes);  // no request asked for it
  if (!payload) {
    return error(ClientErrorKind::protocol, "the ledger sent " + std::string(name_of(payload.error())));
  }
  received_.consume(received_.bytes().size() - bytes.size());
  if (!*payload) return std::nullopt;
  auto message = decode_reply(**payload, version_);
  if (!message)
    return error(ClientErrorKind::protocol, "the ledger sent no message: " + message.error().what);
  return std::move(*message);
}

std::chrono::milliseconds backoff(int attempt) {
  constexpr std::chrono::milliseconds kFirst(50);
  constexpr std::chrono::milliseconds kLongest(2'000);
  return std::min(kFirst * (1 << std::min(attempt - 1, 10)), kLongest);
}

}  // namespace stockfold
