#include "server/http/plain_answers.h"

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/tag.h"

namespace stockfold {

namespace json = boost::json;

namespace {

constexpr std::string_view kPageHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

HttpAnswer answer_to(const HttpPage& page) {
  HttpAnswer answer{.type = page.file->type, .headers = {}, .body = {}};
  answer.headers.append("ETag: ").append(page.file->etag).append("\r\n").append(kPageHeaders);
  if (names(page.if_none_match, page.file->etag)) {
    answer.status = HttpStatus::not_modified;
    answer.type = {};
  } else {
    answer.body = page.file->bytes;
  }
  return answer;
}

HttpAnswer answer_to(const HttpMethods& methods) {
  return {.status = HttpStatus::no_content,
          .type = {},
          .headers = "Allow: " + methods.allow + "\r\n",
          .body = {}};
}

HttpAnswer answer_to(const Readiness& readiness) {
  if (!readiness.no_room.empty())
    return answer_to(ErrorReply{ErrorCode::out_of_space, readiness.no_room, false});
  if (!readiness.wrong_clock.empty()) {
    return answer_to(ErrorReply{ErrorCode::clock_jumped, readiness.wrong_clock, false});
  }
  if (std::string obstacle = readiness.obstacle(); !obstacle.empty()) {
    return answer_to(ErrorReply{ErrorCode::overloaded, std::move(obstacle), false});
  }
  json::object object{
      {"status", "ready"}, {"position", readiness.head.value()}, {"view_lag", readiness.lag()}};
  json::array late;
  for (const LateView& view : readiness.late) {
    late.push_back({{"view", view.name}, {"position", view.position.value()}});
  }
  if (!late.empty()) object.emplace("late_views", std::move(late));
  return json_answer(object);
}

HttpAnswer live() { return json_answer({{"status", "live"}}); }

}  // namespace stockfold
