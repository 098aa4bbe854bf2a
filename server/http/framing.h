// The bytes of an answer: status line, headers and body, or the pieces of a body that streams. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/http/answer.h"

namespace stockfold {

/// How an answer is sent.
struct HttpFraming {
  unsigned version = 11;          ///< Of the request: 10 or 11.
  bool keep_alive = true;         ///< The connection goes on.
  bool without_body = false;      ///< To HEAD: all but the body.
  bool streams = false;           ///< The body follows in pieces; see append_piece().
  std::chrono::seconds idle{75};  ///< That the connection then waits for the next request.
  std::string headers;            ///< Whole lines that do not depend on the answer.
};
/// Appends it as it is sent.
void append(const HttpAnswer& answer, const HttpFraming& framing, std::string& out);
/// A piece of a body that streams; the empty one ends it.
void append_piece(std::string_view piece, const HttpFraming& framing, std::string& out);

}  // namespace stockfold
