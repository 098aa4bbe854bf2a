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
  bool keep_alive = true;         ///< The connection stays open.
  bool without_body = false;      ///< The answer to HEAD has no body.
  bool streams = false;           ///< The body follows in pieces; see append_piece().
  std::chrono::seconds idle{75};  ///< How long the connection then waits for a request.
  std::string headers;            ///< Whole lines, the same for every answer.
};
/// Appends the bytes of the answer to `out`.
void append(const HttpAnswer& answer, const HttpFraming& framing, std::string& out);
/// Appends a piece of a body that streams. An empty piece ends the body.
void append_piece(std::string_view piece, const HttpFraming& framing, std::string& out);

}  // namespace stockfold
