#include "server/rejected_connections.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "net/awaiting.h"
#include "net/drain.h"
#include "protocol/messages.h"
#include "server/http/answer.h"
#include "server/http/framing.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

/// Few: file descriptors beyond those of the connections are for the store.
constexpr std::size_t kToldAtOnce = 8;
constexpr std::chrono::milliseconds kToldFor{1'000};

ErrorReply too_many() {
  return {ErrorCode::overloaded, "the ledger has as many connections as it may have: try again later", true};
}

}  // namespace

std::string RejectedConnections::farewell() {
  std::string frame;
  encode_reply({0, too_many()}, frame, kFirstProtocolVersion);  // before any hello
  return frame;
}

std::string RejectedConnections::http_farewell() {
  std::string answer;
  append(answer_to(too_many()), {.keep_alive = false, .headers = {}}, answer);
  return answer;
}

void RejectedConnections::tell(asio::ip::tcp::socket socket, const std::string& farewell,
                               ConnectionCounts& counts) {
  if (farewell.empty() || being_told_ >= kToldAtOnce) return;
  ++being_told_;
  const auto executor = socket.get_executor();
  asio::co_spawn(executor, end(std::move(socket), farewell, counts),
                 [this](const std::exception_ptr& /*no memory, or the client's loss*/) { --being_told_; });
}

/// Waits until the client has sent something: some clients take an answer to nothing for an error.
asio::awaitable<void> RejectedConnections::end(asio::ip::tcp::socket socket, std::string farewell,
                                               ConnectionCounts& counts) {
  asio::steady_timer bound(socket.get_executor(), kToldFor);
  bound.async_wait([&socket](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;  // closing is best effort
    if (!cancelled) socket.close(ignored);
  });
  boost::system::error_code error;  // the client may be gone already
  socket.non_blocking(true, error);
  co_await socket.async_wait(asio::ip::tcp::socket::wait_read, kAsTuple);
  counts.sent_bytes += socket.write_some(asio::buffer(farewell), error);  // a new connection has room for it
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  co_await drain(socket, counts.received_bytes);
  bound.cancel();
  co_await asio::post(socket.get_executor(), asio::use_awaitable);  // behind what the timer may still do
}

}  // namespace stockfold
