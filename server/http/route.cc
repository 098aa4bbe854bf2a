#include "server/http/route.h"

#include <algorithm>
#include <expected>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/fields.h"
#include "server/http/match.h"
#include "server/http/routes.h"
#include "server/http/target.h"

namespace stockfold {

namespace http = boost::beast::http;

namespace {

using Path = std::vector<std::string>;

/// Null where no route takes the method.
const Route* find_route(const Path& path, std::string_view method) {
  const auto found = std::ranges::find_if(
      all_routes(), [&](const Route& route) { return route.leads(path) && route.takes(method); });
  return found == all_routes().end() ? nullptr : &*found;
}

bool any_takes(const Path& path, std::initializer_list<std::string_view> methods) {
  return std::ranges::any_of(methods,
                             [&](std::string_view method) { return find_route(path, method) != nullptr; });
}

/// The methods of a path, as in the header Allow.
std::string methods_of(const Path& path) {
  std::string allow;
  for (const Route& route : all_routes()) {
    if (!route.leads(path)) continue;
    if (route.takes("GET")) allow += "GET, HEAD, ";
    for (const std::string_view method : {"POST", "PUT", "PATCH"}) {
      if (route.takes(method)) allow.append(method).append(", ");
    }
  }
  return allow + "OPTIONS";
}

/// The method that a POST stands for. The error names what is wrong.
std::expected<std::string, std::string> meant_method(const HttpRequest& request, const HttpTarget& target,
                                                     HttpFields& fields) {
  std::vector<std::string> named;
  if (fields.has("_method")) named.push_back(fields.text("_method", 16));
  for (const HttpParameter& parameter : target.query) {
    if (parameter.name == "_method") named.push_back(parameter.value);
  }
  const auto header = request.find("X-HTTP-Method-Override");
  if (header != request.end()) named.emplace_back(view(header->value()));
  if (named.empty()) return "POST";
  const bool one = std::ranges::count(named, named.front()) == std::ssize(named);
  const bool known = named.front() == "PUT" || named.front() == "PATCH" || named.front() == "POST";
  if (!one || !known) return std::unexpected("_method: expected PUT or PATCH, once");
  return named.front();
}

/// 415 if the body has a Content-Encoding: the ledger decodes none.
std::optional<HttpProblem> encoded_body(const HttpRequest& request) {
  const std::string_view coding = view(request[http::field::content_encoding]);
  if (coding.empty() || coding == "identity") return std::nullopt;
  return HttpProblem{http::status::unsupported_media_type,
                     kEncodedBody,
                     "Content-Encoding: encoded bodies are not supported; send the body as it is",
                     {}};
}

/// The id of a path that `route` leads to. It stays in the query, for the links of pages, and is marked
/// there.
std::expected<std::string_view, HttpProblem> id_of(const Route& route, HttpTarget& target) {
  if (target.path.size() < 2) return std::string_view();
  const std::string_view in_path = target.path[1];
  if (route.path[1] != "*" || in_path != kIdInQuery) return in_path;
  const auto found = std::ranges::find(target.query, "id", &HttpParameter::name);
  if (found == target.query.end()) return in_path;
  if (std::ranges::count(target.query, "id", &HttpParameter::name) > 1) {
    return unread(malformed({HttpFault{HttpFault::In::query, "id", "repeated parameter"}}));
  }
  found->is_id = true;
  return found->value.empty() ? in_path : std::string_view(found->value);
}

HttpProblem no_method(std::string allow) {
  return {http::status::method_not_allowed, "method_not_allowed", "this path accepts " + allow,
          std::move(allow)};
}

}  // namespace

HttpProblem no_such_path() {
  return {http::status::not_found, "not_found", "there is nothing at this path", {}};
}

HttpRouted route(const HttpRequest& request) {
  if (request.version() >= 11 && request.count(http::field::host) != 1) {
    return {malformed("an HTTP/1.1 request needs exactly one Host header")};
  }
  std::string method(view(request.method_string()));
  if (method == "OPTIONS" && view(request.target()) == "*") {
    return {HttpMethods{"GET, HEAD, POST, PUT, PATCH, OPTIONS"}};
  }
  auto target = parse_target(view(request.target()));
  if (!target) return {malformed(target.error())};
  if (!any_takes(target->path, {"GET", "POST", "PUT", "PATCH"})) return {no_such_path()};
  if (method == "OPTIONS") return {HttpMethods{methods_of(target->path)}};
  if (method == "HEAD") method = "GET";

  std::expected<HttpFields, HttpProblem> fields;
  const bool writes = method == "POST" || method == "PUT" || method == "PATCH";
  if (writes && any_takes(target->path, {"POST", "PUT", "PATCH"})) {
    if (auto problem = encoded_body(request)) return {*std::move(problem)};
    fields = HttpFields::of(request);
    if (!fields) return {std::move(fields.error())};
    if (method == "POST") {
      auto meant = meant_method(request, *target, *fields);
      if (!meant) return {malformed(std::move(meant.error()))};
      method = std::move(*meant);
    }
  }
  const Route* route = find_route(target->path, method);
  if (route == nullptr) return {no_method(methods_of(target->path))};
  auto id = id_of(*route, *target);
  if (!id) return {std::move(id.error())};
  HttpAsk ask = route->read({request, *target, *id, *fields});
  const bool is_problem = std::holds_alternative<HttpProblem>(ask);
  return {std::move(ask), is_problem ? std::nullopt : route->scope};
}

std::string life_in(const HttpAsk& ask) {
  return std::visit(
      [](const auto& asked) {
        if constexpr (requires { asked.life; }) return asked.life;
        return std::string();
      },
      ask);
}

}  // namespace stockfold
