// What an HTTP request is answered with: status, headers and body. Pure. The shapes are those of `--json`;
// what HTTP adds to them is docs/HTTP.md.
#pragma once

#include <boost/beast/http/status.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/command.h"
#include "protocol/answer.h"
#include "protocol/messages.h"
#include "server/engine/readiness.h"
#include "server/http/problem.h"
#include "server/http/route.h"
#include "server/queries/explain.h"

namespace stockfold {

struct HttpAnswer {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string_view type = "application/json";  ///< Of static storage.
  std::string headers;                         ///< Whole lines, beside those that every answer has.
  std::string body;                            ///< None where the status allows none.
  std::string problem;                         ///< The name of the problem that it is; empty: none.
  friend bool operator==(const HttpAnswer&, const HttpAnswer&) = default;
};

/// What is kept of a command until it is answered.
struct AskedCommand {
  CommandKind kind = CommandKind::register_product;
  Lines lines;              ///< Of the order that it makes; empty where it makes none.
  bool below_slash = true;  ///< The path that it was sent to ends in one.
  std::string life;         ///< Of the log.

  /// Of a command that was admitted: its lines are in their normal form.
  static AskedCommand of(const CommandBody& body);
  /// Whether it makes a product or an order.
  [[nodiscard]] bool creates() const;
};

/// `lines`: of the order that an accepted command is about; nobody looks at them where it is about a product.
[[nodiscard]] HttpAnswer answer_to(const AskedCommand& asked, const Answer& answer, const Lines& lines);
/// `reply` is one that the question can have. `life`: of the log, here and below.
[[nodiscard]] HttpAnswer answer_to(const HttpQuestion& asked, const Reply& reply, const std::string& life);
/// `explained` is empty where there is no such product or order.
[[nodiscard]] HttpAnswer answer_to(const HttpExplain& asked, std::optional<Explanation> explained,
                                   const std::string& life);
/// The head of an answer without end.
[[nodiscard]] HttpAnswer answer_to(const HttpFollow& asked);
/// What follows it.
[[nodiscard]] std::string streamed(const HttpFollow& asked, const EventsReply& events,
                                   const std::string& life);
/// A sign of life between events: the reader has all that it asked for up to `reached`.
[[nodiscard]] std::string heartbeat(const HttpFollow& asked, GlobalPosition reached, const std::string& life);
/// With what a browser is to hold to: nothing but this page's own files is loaded, run or asked.
[[nodiscard]] HttpAnswer answer_to(const HttpPage& page);
[[nodiscard]] HttpAnswer answer_to(const HttpMethods& methods);
[[nodiscard]] HttpAnswer answer_to(const HttpProblem& problem);
/// A problem of the name and with the message of a rule.
[[nodiscard]] HttpAnswer answer_to(const ErrorReply& error);
/// 200 where it is ready, with the progress of views that are late; else 503 with the obstacle.
[[nodiscard]] HttpAnswer answer_to(const Readiness& readiness);
/// To whoever asks whether the program answers at all.
[[nodiscard]] HttpAnswer live();

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
