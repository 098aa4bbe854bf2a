// One HTTP connection: the probes that tell an orchestrator whether the ledger is alive and ready.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>

#include "server/position_gate.h"

namespace stockfold {

/// What every HTTP session works with; outlives them all.
struct HttpContext {
  const PositionGate& head;                   ///< Of the log.
  const PositionGate& applied;                ///< Of the views.
  std::uint64_t max_view_lag;                 ///< Events; past it the ledger is not ready.
  std::chrono::milliseconds timeout{10'000};  ///< For a whole request, and between two of a connection.
};

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

/// GET and HEAD of /health/live and /health/ready, with or without a slash behind. Anything else is a problem
/// (RFC 9457).
HttpResponse answer_probe(const HttpRequest& request, const HttpContext& context);

/// All members are called on the network thread.
class HttpSession {
 public:
  HttpSession(boost::asio::ip::tcp::socket socket, const HttpContext& context);

  /// Serves the connection until either side ends it.
  boost::asio::awaitable<void> run();
  /// Closes it now.
  void close();

 private:
  boost::beast::tcp_stream stream_;
  const HttpContext& context_;
  boost::beast::flat_buffer received_;
};

}  // namespace stockfold
