#include "server/listener.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <string_view>
#include <utility>

#include "net/awaiting.h"
#include "net/connection.h"
#include "server/access/exposure.h"
#include "server/http/session.h"
#include "server/log_failure.h"
#include "server/tcp/session.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

/// Connections that are accepted in one turn of the acceptor. Its next turn comes when all others had theirs.
constexpr int kAcceptedAtOnce = 64;
/// What the kernel buffers of a connection's replies: enough for clients that read, and little for others.
constexpr int kSendBytes = 256 << 10;
/// Without file descriptors the acceptor waits until some connections have ended.
constexpr std::chrono::milliseconds kPause{100};

/// How the log names one.
template <class SessionType>
constexpr std::string_view kConnection = "a connection";
template <>
constexpr std::string_view kConnection<HttpSession> = "an HTTP connection";

}  // namespace

template <class SessionType>
Listener<SessionType>::Listener(ListenerShared shared, std::size_t most, ConnectionCounts& counts,
                                MakeSession make_session)
    : shared_(std::move(shared)),
      most_(most),
      counts_(counts),
      make_session_(std::move(make_session)),
      acceptor_(shared_.io) {}

template <class SessionType>
Result<void> Listener<SessionType>::listen(const std::string& host, std::uint16_t port) {
  const auto fault = [](std::string what) {
    return std::unexpected(Fault{FaultKind::io, std::move(what), GlobalPosition(0)});
  };
  const auto wanted = resolve_endpoint(host, port);
  if (!wanted) return fault(wanted.error());
  boost::system::error_code error;
  acceptor_.open(wanted->protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.set_option(asio::socket_base::send_buffer_size(kSendBytes), error);  // inherited
  if (!error) acceptor_.bind(*wanted, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) endpoint_ = acceptor_.local_endpoint(error);
  if (!error) return {};
  return fault("cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
}

// ---- accepting --------------------------------------------------------------------------------------------

template <class SessionType>
void Listener<SessionType>::start(std::string farewell) {
  asio::co_spawn(shared_.io, accept(std::move(farewell)),
                 [](const std::exception_ptr& failure) { log_failure("accepting connections", failure); });
}

template <class SessionType>
asio::awaitable<void> Listener<SessionType>::accept(std::string farewell) {
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (stopping_) co_return;
    if (error) {
      spdlog::warn("a connection could not be accepted: {}", error.message());
      asio::steady_timer pause(shared_.io, kPause);
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    for (int accepted = 1; !error; ++accepted) {
      take(std::move(socket), farewell);
      if (accepted == kAcceptedAtOnce) break;
      socket = Tcp::socket(shared_.io);
      acceptor_.accept(socket, error);
    }
  }
}

template <class SessionType>
void Listener<SessionType>::take(Tcp::socket socket, const std::string& farewell) {
  if (sessions_.size() < most_) {
    ++counts_.accepted;
    start_session(std::move(socket));
    return;
  }
  ++rejected_;
  ++counts_.rejected;
  shared_.rejected.tell(std::move(socket), farewell, counts_);
}

template <class SessionType>
void Listener<SessionType>::start_session(Tcp::socket socket) {
  if (!Connection::prepare(socket)) return;  // the client is gone already
  const auto session = make_session_(std::move(socket));
  sessions_.insert(session);
  asio::co_spawn(shared_.io, session->run(), [this, session](const std::exception_ptr& failure) {
    log_failure(kConnection<SessionType>, failure);
    session->close();
    sessions_.erase(session);
    shared_.session_ended();
  });
}

template <class SessionType>
std::uint64_t Listener<SessionType>::take_rejected() {
  return std::exchange(rejected_, 0);
}

// ---- ending -----------------------------------------------------------------------------------------------

template <class SessionType>
void Listener<SessionType>::stop(std::chrono::steady_clock::time_point last_call) {
  stopping_ = true;
  boost::system::error_code ignored;  // a port that cannot be closed is not waited for
  acceptor_.close(ignored);
  for (const auto& session : sessions_) session->finish(last_call);
}

template <class SessionType>
void Listener<SessionType>::enforce_deadlines(std::chrono::steady_clock::time_point now) {
  for (const auto& session : sessions_) session->enforce_deadline(now);
}

template <class SessionType>
void Listener<SessionType>::close_connections() {
  for (const auto& session : sessions_) session->close();
}

template class Listener<Session>;
template class Listener<HttpSession>;

}  // namespace stockfold
