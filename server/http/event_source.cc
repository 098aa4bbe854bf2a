#include "server/http/event_source.h"

#include <boost/beast/core/string.hpp>
#include <string_view>

namespace stockfold {

namespace http = boost::beast::http;

namespace {

/// Marks the ids of problems: no id of an event begins so.
constexpr std::string_view kTold = "told:";

}  // namespace

bool is_event_source(const HttpRequest& request) {
  const std::string_view caching = view(request[http::field::cache_control]);
  const bool is_browser =
      request.count("Sec-Fetch-Mode") > 0 || view(request[http::field::user_agent]).starts_with("Mozilla/");
  return is_browser && request.method() == http::verb::get &&
         boost::beast::iequals(request[http::field::accept], "text/event-stream") &&
         (caching.contains("no-cache") || caching.contains("no-store"));
}

bool was_told_why(const HttpRequest& request) {
  return view(request["Last-Event-ID"]).starts_with(kTold) && is_event_source(request);
}

HttpAnswer as_event(const HttpAnswer& problem) {
  const bool passes = problem.status == http::status::service_unavailable;
  HttpAnswer answer{.type = "text/event-stream", .headers = {}, .body = "event: " + problem.problem + "\n"};
  if (!passes) answer.body.append("id: ").append(kTold).append(problem.problem).append("\n");
  answer.body.append(passes ? "retry: 5000\ndata: " : "retry: 1000\ndata: ").append(problem.body) += '\n';
  return answer;
}

}  // namespace stockfold
