#include "server/http/route.h"

#include <algorithm>
#include <array>
#include <expected>
#include <iterator>
#include <optional>
#include <utility>

#include "protocol/text/arguments.h"
#include "server/http/bodies.h"
#include "server/http/claims.h"
#include "server/http/headers.h"
#include "server/http/query.h"
#include "server/http/target.h"

namespace stockfold {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view kLifeHeader = "Stockfold-Life";
constexpr std::size_t kMaxLifeBytes = 32;
constexpr std::uint32_t kPageRows = 100;  ///< Of a page whose limit is left out.

// ---- questions --------------------------------------------------------------------------------------------

/// What a handler is given.
struct Asked {
  const HttpRequest& request;
  const HttpTarget& target;
  std::string_view id;  ///< In the path; empty where it has none.
  HttpFields& fields;   ///< Of the body, where the method has one.
};

/// The life that the positions of a request are of: as `life` or the header says, or what came with one of
/// them.
std::string read_life(const Asked& asked, HttpQuery& query, const std::string& came = {}) {
  std::string said;
  query.read("life", said, parse_life);
  auto life = one_life({came, said, all_of(asked.request, kLifeHeader)});
  if (!life) query.fail("life", std::move(life.error()));
  return life.value_or("");
}

/// A question about the state as it is or, with `at`, as it was. `cursor`: where a list goes on.
template <class Read>
HttpAsk question(const Asked& asked, HttpQuery& query, Read read, const HttpCursor& cursor = {}) {
  std::optional<Moment> at;
  if (cursor.at) at = *cursor.at;
  std::string life = read_life(asked, query, cursor.life);
  query.read("min_position", read.freshness.min_position, parse_position);
  const bool by_stale = query.read("stale", read.freshness.stale, parse_flag);
  if constexpr (requires { At{GlobalPosition(), read}; }) {
    std::optional<Moment> moment;
    const bool by_at = query.read("at", moment, parse_moment);
    if (by_at && by_stale) query.fail("stale", "not together with at");
    if (!at) at = moment;
  }
  if (auto faults = query.faults(); !faults.empty()) return malformed(std::move(faults));
  std::string if_none_match = all_of(asked.request, "If-None-Match");
  if constexpr (requires { At{GlobalPosition(), read}; }) {
    if (at) {
      return HttpQuestion{.request = At{*at, std::move(read)},
                          .if_none_match = std::move(if_none_match),
                          .life = std::move(life)};
    }
  }
  return HttpQuestion{
      .request = std::move(read), .if_none_match = std::move(if_none_match), .life = std::move(life)};
}

template <class Read, class Id>
HttpAsk show(const Asked& asked) {
  const auto id = Id::parse(asked.id);
  if (!id) return malformed("the id in the path is not 1 to 64 of A-Z a-z 0-9 . _ : -");
  HttpQuery query(asked.target.query);
  return question(asked, query, Read{*id, {}});
}

template <class Id, class Read>
HttpAsk list(const Asked& asked, HttpQuery& query, Read read) {
  read.limit = kPageRows;
  query.read("limit", read.limit, parse_limit);
  HttpCursor cursor;
  if (query.read("cursor", cursor, parse_cursor)) {
    read.from = Id::parse(cursor.from);
    if (!read.from) query.fail("cursor", "this is not the next of an answer");
  }
  HttpAsk ask = question(asked, query, std::move(read), cursor);
  if (auto* listed = std::get_if<HttpQuestion>(&ask)) {
    listed->if_none_match.clear();  // pages have no version
    listed->next_page = next_page(asked.target, "cursor");
  }
  return ask;
}

HttpAsk list_products(const Asked& asked) {
  HttpQuery query(asked.target.query);
  return list<Sku>(asked, query, ListProducts{});
}

HttpAsk list_orders(const Asked& asked) {
  HttpQuery query(asked.target.query);
  ListOrders read;
  query.read("status", read.status, parse_status_or_code);
  query.read("product", read.product, parse_sku);
  return list<OrderId>(asked, query, std::move(read));
}

/// The last that a reader has seen: EventSource says that by itself.
Parsed<std::optional<HttpEventId>> last_event(const HttpRequest& request) {
  const auto last = request.find("Last-Event-ID");
  if (last == request.end()) return std::nullopt;
  auto id = parse_event_id(view(last->value()));
  if (!id) return std::unexpected("Last-Event-ID: " + id.error());
  return *std::move(id);
}

/// What the log is to hold before it is read.
GlobalPosition awaited(const Freshness& freshness) {
  return freshness.stale ? GlobalPosition(0) : freshness.min_position.value_or(GlobalPosition(0));
}

HttpAsk follow_events(const Asked& asked, HttpQuery& query, HttpFollow follow) {
  query.read("from", follow.what.events.from, parse_position);
  query.read("stream", follow.what.events.stream, parse_stream);
  query.read("type", follow.what.types, parse_event_types);
  query.read("heartbeat", follow.heartbeats, parse_flag);
  Freshness freshness;
  query.read("min_position", freshness.min_position, parse_position);
  query.read("stale", freshness.stale, parse_flag);
  follow.wait_for = awaited(freshness);
  const auto last = last_event(asked.request);
  if (!last) return malformed(last.error());
  if (*last) follow.what.events.from = (*last)->position.next();
  follow.life = read_life(asked, query, *last ? (*last)->life : "");
  if (auto faults = query.faults(); !faults.empty()) {
    for (HttpFault& fault : faults) fault.detail += ", with follow";
    return malformed(std::move(faults));
  }
  return follow;
}

HttpAsk read_events(const Asked& asked) {
  HttpQuery query(asked.target.query);
  const bool as_server_sent =
      view(asked.request[http::field::accept]).find("text/event-stream") != std::string_view::npos;
  bool follows = as_server_sent;
  query.read("follow", follows, parse_flag);
  if (follows) return follow_events(asked, query, {.as_server_sent = as_server_sent});
  ReadEvents read;
  read.limit = kPageRows;
  std::vector<EventType> types;
  query.read("from", read.from, parse_position);
  query.read("to", read.to, parse_position);
  query.read("stream", read.stream, parse_stream);
  query.read("type", types, parse_event_types);
  query.read("limit", read.limit, parse_limit);
  std::optional<Moment> at;
  query.read("at", at, parse_moment);
  if (const auto* position = at ? std::get_if<GlobalPosition>(&*at) : nullptr) {
    read.to = std::min(read.to.value_or(*position), *position);
  }
  HttpAsk ask = question(asked, query, std::move(read));
  if (auto* events = std::get_if<HttpQuestion>(&ask)) {
    events->if_none_match.clear();
    events->next_page = next_page(asked.target, "from");
    events->types = std::move(types);
    if (const auto* time = at ? std::get_if<UnixMillis>(&*at) : nullptr) {
      events->until = *time;
      events->wait_for = awaited(std::get<ReadEvents>(events->request).freshness);
    }
  }
  return ask;
}

template <class Id>
HttpAsk explain_one(const Asked& asked) {
  const auto id = Id::parse(asked.id);
  if (!id) return malformed("the id in the path is not 1 to 64 of A-Z a-z 0-9 . _ : -");
  StatementQuery what{
      .subject = StreamId::of(*id), .from = {}, .at = {}, .limit = kPageRows, .freshness = {}};
  HttpQuery query(asked.target.query);
  query.read("from", what.from, parse_moment);
  query.read("at", what.at, parse_moment);
  query.read("limit", what.limit, parse_limit);
  query.read("min_position", what.freshness.min_position, parse_position);
  query.read("stale", what.freshness.stale, parse_flag);
  std::string life = read_life(asked, query);
  if (auto faults = query.faults(); !faults.empty()) return malformed(std::move(faults));
  return HttpExplain{std::move(what), next_page(asked.target, "from"), std::move(life)};
}

HttpAsk show_head(const Asked& asked) {
  HttpQuery query(asked.target.query);
  Freshness freshness;
  query.read("min_position", freshness.min_position, parse_position);
  query.read("stale", freshness.stale, parse_flag);
  std::string life = read_life(asked, query);
  if (auto faults = query.faults(); !faults.empty()) return malformed(std::move(faults));
  return HttpQuestion{.request = ShowHead{}, .life = std::move(life), .wait_for = awaited(freshness)};
}

template <HttpProbe Probe>
HttpAsk ask_probe(const Asked& /*whatever else it says*/) {
  return Probe;
}

HttpProblem nothing_there() {
  return {http::status::not_found, "not_found", "there is nothing at this path", {}};
}

HttpAsk page(const Asked& asked, std::string_view name) {
  const PageFile* file = page_file(name);
  if (file == nullptr) return nothing_there();
  return HttpPage{file, all_of(asked.request, "If-None-Match")};
}
HttpAsk show_page(const Asked& asked) { return page(asked, "index.html"); }
HttpAsk show_description(const Asked& asked) { return page(asked, "openapi.json"); }
HttpAsk show_asset(const Asked& asked) { return page(asked, asked.id); }

// ---- commands ---------------------------------------------------------------------------------------------

/// What is wrong with a header, which the sentence begins with.
HttpFault fault_of_header(const std::string& sentence) {
  const std::size_t end = sentence.find(": ");
  return {HttpFault::In::headers, sentence.substr(0, end), sentence.substr(end + 2)};
}

/// What the headers and the fields of all commands say, and `body`.
HttpAsk command(const Asked& asked, CommandBody body, std::vector<Claim> claims = {}) {
  std::string actor = asked.fields.text("actor", kMaxActorBytes);
  for (const char* name : {"_method", "csrfmiddlewaretoken"}) asked.fields.has(name);
  const auto identity = identity_of(asked.request);
  auto expected = precondition_of(asked.request);
  const std::string in_body = asked.fields.text("life", kMaxLifeBytes);
  std::vector<HttpFault> faults = asked.fields.faults();
  if (!identity) faults.push_back(fault_of_header(identity.error()));
  if (!expected) faults.push_back(fault_of_header(expected.error()));
  std::string in_query;
  for (const HttpParameter& parameter : asked.target.query) {
    if (parameter.name == "_method" || says_nothing(parameter)) continue;
    if (parameter.name == "life" && in_query.empty()) {
      in_query = parameter.value;
    } else {
      const bool again = parameter.name == "life";
      faults.push_back(
          {HttpFault::In::query, parameter.name, again ? "repeated parameter" : "unknown parameter"});
    }
  }
  auto life = one_life(
      {expected ? expected->life : std::string(), in_query, in_body, all_of(asked.request, kLifeHeader)});
  if (!life) faults.push_back({HttpFault::In::query, "life", life.error()});
  if (!faults.empty()) return malformed(std::move(faults));
  return HttpCommand{
      Command{std::move(body), expected->version, *identity, std::move(actor), std::move(claims)},
      *std::move(life)};
}

/// A command about the order or product in the path.
template <class Id, auto Make>
HttpAsk about(const Asked& asked) {
  const auto id = Id::parse(asked.id);
  if (!id) return malformed("the id in the path is not 1 to 64 of A-Z a-z 0-9 . _ : -");
  CommandBody body = Make(*id, asked.fields);
  return command(asked, std::move(body), claims_in(asked.fields, *id));
}

HttpAsk register_product(const Asked& asked) { return command(asked, new_product(asked.fields)); }
HttpAsk make_order(const Asked& asked) { return command(asked, new_order(asked.fields)); }

// ---- routes -----------------------------------------------------------------------------------------------

/// The segments of a path; "*" stands for an id.
using Path = std::array<std::string_view, 3>;

struct Route {
  Path path;
  std::array<std::string_view, 3> methods;
  HttpAsk (*handle)(const Asked&);

  [[nodiscard]] bool leads(const std::vector<std::string>& to) const {
    if (to.size() > path.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (i >= to.size()) return path[i].empty();
      const bool fits = path[i] == "*" || path[i] == to[i];
      if (!fits || to[i].empty()) return false;
    }
    return true;
  }
  [[nodiscard]] bool takes(std::string_view method) const {
    return !method.empty() && std::ranges::find(methods, method) != methods.end();
  }
};

constexpr std::array kRoutes = {
    Route{{"order"}, {"GET"}, list_orders},
    Route{{"order"}, {"POST"}, make_order},
    Route{{"order", "*"}, {"GET"}, show<ShowOrder, OrderId>},
    Route{{"order", "*", "explain"}, {"GET"}, explain_one<OrderId>},
    Route{{"order", "*", "place"}, {"POST", "PUT", "PATCH"}, about<OrderId, placed_draft>},
    Route{{"order", "*", "abort"}, {"POST", "PUT", "PATCH"}, about<OrderId, aborted>},
    Route{{"order", "*", "fulfil"}, {"POST", "PUT", "PATCH"}, about<OrderId, fulfilled>},
    Route{{"order", "*", "fulfill"}, {"POST", "PUT", "PATCH"}, about<OrderId, fulfilled>},
    Route{{"product"}, {"GET"}, list_products},
    Route{{"product"}, {"POST"}, register_product},
    Route{{"product", "*"}, {"GET"}, show<ShowProduct, Sku>},
    Route{{"product", "*", "explain"}, {"GET"}, explain_one<Sku>},
    Route{{"product", "*", "receive"}, {"POST"}, about<Sku, received>},
    Route{{"product", "*", "write-off"}, {"POST"}, about<Sku, written_off>},
    Route{{"product", "*", "retire"}, {"POST"}, about<Sku, retired>},
    Route{{"events"}, {"GET"}, read_events},
    Route{{"head"}, {"GET"}, show_head},
    Route{{"health", "live"}, {"GET"}, ask_probe<HttpProbe::live>},
    Route{{"health", "ready"}, {"GET"}, ask_probe<HttpProbe::ready>},
    Route{{"metrics"}, {"GET"}, ask_probe<HttpProbe::metrics>},
    Route{{}, {"GET"}, show_page},
    Route{{"assets", "*"}, {"GET"}, show_asset},
    Route{{"openapi.json"}, {"GET"}, show_description},
};

/// The methods that a path takes, as the header Allow names them.
std::string methods_of(const std::vector<std::string>& path) {
  std::string allow;
  for (const Route& route : kRoutes) {
    if (!route.leads(path)) continue;
    if (route.takes("GET")) allow += "GET, HEAD, ";
    for (const std::string_view method : {"POST", "PUT", "PATCH"}) {
      if (route.takes(method)) allow.append(method).append(", ");
    }
  }
  return allow + "OPTIONS";
}

/// What a POST stands for; the error says what is wrong with that.
std::expected<std::string, std::string> meant_method(const HttpRequest& request, const HttpTarget& target,
                                                     HttpFields& fields) {
  std::vector<std::string> said;
  if (fields.has("_method")) said.push_back(fields.text("_method", 16));
  for (const HttpParameter& parameter : target.query) {
    if (parameter.name == "_method") said.push_back(parameter.value);
  }
  const auto header = request.find("X-HTTP-Method-Override");
  if (header != request.end()) said.emplace_back(view(header->value()));
  if (said.empty()) return "POST";
  const bool one = std::ranges::count(said, said.front()) == std::ssize(said);
  const bool known = said.front() == "PUT" || said.front() == "PATCH" || said.front() == "POST";
  if (!one || !known) return std::unexpected("_method: expected PUT or PATCH, once");
  return said.front();
}

/// What `Content-Encoding` has done to the body is not undone.
std::optional<HttpProblem> encoded_body(const HttpRequest& request) {
  const std::string_view coding = view(request[http::field::content_encoding]);
  if (coding.empty() || coding == "identity") return std::nullopt;
  return HttpProblem{http::status::unsupported_media_type,
                     kEncodedBody,
                     "Content-Encoding: a body is taken as it is, without one",
                     {}};
}

HttpProblem no_method(std::string allow) {
  return {http::status::method_not_allowed, "method_not_allowed", "this path takes " + allow,
          std::move(allow)};
}

}  // namespace

HttpAsk route(const HttpRequest& request) {
  if (request.version() >= 11 && request.count(http::field::host) != 1) {
    return malformed("a request of HTTP/1.1 needs the header Host, once");
  }
  std::string method(view(request.method_string()));
  if (method == "OPTIONS" && view(request.target()) == "*") {
    return HttpMethods{"GET, HEAD, POST, PUT, PATCH, OPTIONS"};
  }
  const auto target = parse_target(view(request.target()));
  if (!target) return malformed(target.error());
  const auto any_takes = [&target](auto... wanted) {
    return std::ranges::any_of(kRoutes, [&](const Route& route) {
      return route.leads(target->path) && (route.takes(wanted) || ...);
    });
  };
  if (!any_takes("GET", "POST", "PUT", "PATCH")) {
    return nothing_there();
  }
  if (method == "OPTIONS") return HttpMethods{methods_of(target->path)};
  if (method == "HEAD") method = "GET";

  std::expected<HttpFields, HttpProblem> fields;
  const bool writes = method == "POST" || method == "PUT" || method == "PATCH";
  if (writes && any_takes("POST", "PUT", "PATCH")) {
    if (auto problem = encoded_body(request)) return *std::move(problem);
    fields = HttpFields::of(request);
    if (!fields) return fields.error();
    if (method == "POST") {
      auto meant = meant_method(request, *target, *fields);
      if (!meant) return malformed(std::move(meant.error()));
      method = std::move(*meant);
    }
  }
  for (const Route& route : kRoutes) {
    if (!route.leads(target->path) || !route.takes(method)) continue;
    const std::string_view id = target->path.size() > 1 ? std::string_view(target->path[1]) : "";
    return route.handle({request, *target, id, *fields});
  }
  return no_method(methods_of(target->path));
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
