#include "server/http/framing.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>

namespace stockfold {

namespace http = boost::beast::http;

void append(const HttpAnswer& answer, const HttpFraming& framing, std::string& out) {
  const auto reason = http::obsolete_reason(answer.status);
  out.append("HTTP/1.1 ").append(std::to_string(static_cast<unsigned>(answer.status))).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  if (!answer.type.empty()) {
    out.append("Content-Type: ").append(answer.type).append("\r\n");
    if (!framing.streams) {
      out.append("Content-Length: ").append(std::to_string(answer.body.size())).append("\r\n");
    } else if (framing.version >= 11) {
      out.append("Transfer-Encoding: chunked\r\n");  // in HTTP/1.0 the end of the connection ends the body
    }
  }
  // A proxy that compresses a stream would delay its events.
  out.append(framing.streams ? "Cache-Control: no-cache, no-transform\r\n" : "Cache-Control: no-cache\r\n");
  out.append("X-Content-Type-Options: nosniff\r\n").append(answer.headers);
  out.append(framing.headers);
  if (framing.keep_alive) {
    out.append("Connection: keep-alive\r\nKeep-Alive: timeout=");
    out.append(std::to_string(framing.idle.count())).append("\r\n");
  } else {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
  if (!framing.without_body) out.append(answer.body);
}

void append_piece(std::string_view piece, const HttpFraming& framing, std::string& out) {
  if (framing.version < 11) {
    out.append(piece);
    return;
  }
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
}

}  // namespace stockfold
