#include "server/http/questions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/text/arguments.h"
#include "protocol/text/time_text.h"
#include "server/http/headers.h"
#include "server/http/query.h"

namespace stockfold {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t kDefaultHttpRows = 100;  ///< Of a page whose limit is left out.

/// The life that the positions of a request belong to: as `life` or the header names it, or `from_value`,
/// which came with one of the positions.
std::string read_life(const HttpMatch& match, HttpQuery& query, const std::string& from_value = {}) {
  std::string named;
  query.read("life", named, parse_life);
  auto life = one_life({from_value, named, all_of(match.request, kLifeHeader)});
  if (!life) query.fail("life", std::move(life.error()));
  return life.value_or("");
}

// ---- products and orders ----------------------------------------------------------------------------------

/// A question about the state as it is or, with `at`, as it was. `cursor`: where a list goes on.
template <class Read>
HttpRead<HttpQuestion> question(const HttpMatch& match, HttpQuery& query, Read read,
                                const HttpCursor& cursor = {}) {
  std::optional<Moment> at;
  if (cursor.at) at = *cursor.at;
  std::string life = read_life(match, query, cursor.life);
  query.read("min_position", read.freshness.min_position, parse_position);
  const bool by_stale = query.read("stale", read.freshness.stale, parse_flag);
  if constexpr (requires { At{GlobalPosition(), read}; }) {
    std::optional<Moment> moment;
    const bool by_at = query.read("at", moment, parse_moment);
    if (by_at && by_stale) query.fail("stale", "not together with at");
    if (!at) at = moment;
  }
  if (auto faults = query.faults(); !faults.empty()) return unread(malformed(std::move(faults)));
  HttpQuestion asked{
      .request = {}, .if_none_match = all_of(match.request, "If-None-Match"), .life = std::move(life)};
  if constexpr (requires { At{GlobalPosition(), read}; }) {
    if (at) {
      asked.request = At{*at, std::move(read)};
      return asked;
    }
  }
  asked.request = std::move(read);
  return asked;
}

template <class Show, class Id>
HttpRead<HttpQuestion> show(const HttpMatch& match) {
  const auto id = Id::parse(match.id);
  if (!id) return wrong_id_in_path();
  HttpQuery query(match.target.query);
  return question(match, query, Show{*id, {}});
}

/// `begin_at` reads where the page begins: what the cursor holds.
template <class List, class BeginAt>
HttpRead<HttpQuestion> list(const HttpMatch& match, HttpQuery& query, List read, const BeginAt& begin_at) {
  read.limit = kDefaultHttpRows;
  query.read("limit", read.limit, parse_limit);
  HttpCursor cursor;
  if (query.read("cursor", cursor, parse_cursor)) {
    read.from = begin_at(cursor.from);
    if (!read.from) query.fail("cursor", "expected the next of a page, or an id");
  }
  auto listed = question(match, query, std::move(read), cursor);
  if (!listed) return listed;
  listed->if_none_match.clear();  // pages have no version
  listed->next_page = next_page(match.target, "cursor");
  return listed;
}

// ---- events -----------------------------------------------------------------------------------------------

/// The last event that a reader has seen: EventSource sends its id by itself.
Parsed<std::optional<HttpEventId>> last_event(const HttpRequest& request) {
  const auto last = request.find("Last-Event-ID");
  if (last == request.end()) return std::nullopt;
  auto id = parse_event_id(view(last->value()));
  if (!id) return std::unexpected("Last-Event-ID: " + id.error());
  return *std::move(id);
}

/// The position that the log must hold before it is read.
GlobalPosition awaited(const Freshness& freshness) {
  return freshness.stale ? GlobalPosition(0) : freshness.min_position.value_or(GlobalPosition(0));
}

HttpRead<HttpEventsRead> follow_events(const HttpMatch& match, HttpQuery& query, HttpFollow follow) {
  query.read("from", follow.what.events.from, parse_position);
  query.read("stream", follow.what.events.stream, parse_stream);
  query.read("type", follow.what.types, parse_event_types);
  query.read("heartbeat", follow.heartbeats, parse_flag);
  Freshness freshness;
  query.read("min_position", freshness.min_position, parse_position);
  query.read("stale", freshness.stale, parse_flag);
  follow.wait_for = awaited(freshness);
  const auto last = last_event(match.request);
  if (!last) return unread(malformed(last.error()));
  if (*last) follow.what.events.from = (*last)->position.next();
  follow.life = read_life(match, query, *last ? (*last)->life : "");
  if (auto faults = query.faults(); !faults.empty()) {
    for (HttpFault& fault : faults) fault.detail += ", with follow";
    return unread(malformed(std::move(faults)));
  }
  return follow;
}

/// A page of events. `at` is a last position, or a time whose position the ledger has to find.
HttpRead<HttpEventsRead> events_page(const HttpMatch& match, HttpQuery& query) {
  ReadEvents read;
  read.limit = kDefaultHttpRows;
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
  auto events = question(match, query, std::move(read));
  if (!events) return unread(std::move(events.error()));
  events->if_none_match.clear();
  events->next_page = next_page(match.target, "from");
  events->types = std::move(types);
  if (const auto* time = at ? std::get_if<UnixMillis>(&*at) : nullptr) {
    events->until = *time;
    events->wait_for = awaited(std::get<ReadEvents>(events->request).freshness);
  }
  return *std::move(events);
}

// ---- statements -------------------------------------------------------------------------------------------

template <class Id>
HttpRead<HttpExplain> explain_one(const HttpMatch& match) {
  const auto id = Id::parse(match.id);
  if (!id) return wrong_id_in_path();
  StatementQuery what{
      .subject = StreamId::of(*id), .from = {}, .at = {}, .limit = kDefaultHttpRows, .freshness = {}};
  HttpQuery query(match.target.query);
  query.read("from", what.from, parse_moment);
  query.read("at", what.at, parse_moment);
  query.read("limit", what.limit, parse_limit);
  query.read("min_position", what.freshness.min_position, parse_position);
  query.read("stale", what.freshness.stale, parse_flag);
  std::string life = read_life(match, query);
  if (auto faults = query.faults(); !faults.empty()) return unread(malformed(std::move(faults)));
  return HttpExplain{
      .what = std::move(what), .next_page = next_page(match.target, "from"), .life = std::move(life)};
}

}  // namespace

HttpRead<HttpQuestion> show_product(const HttpMatch& match) { return show<ShowProduct, Sku>(match); }
HttpRead<HttpQuestion> show_order(const HttpMatch& match) { return show<ShowOrderHistory, OrderId>(match); }

HttpRead<HttpQuestion> list_products(const HttpMatch& match) {
  HttpQuery query(match.target.query);
  return list(match, query, ListProducts{}, Sku::parse);
}

HttpRead<HttpQuestion> list_orders(const HttpMatch& match) {
  HttpQuery query(match.target.query);
  ListOrders read;
  query.read("status", read.status, parse_status_or_code);
  query.read("product", read.product, parse_sku);
  return list(match, query, std::move(read), OrderId::parse);
}

HttpRead<HttpQuestion> read_movements(const HttpMatch& match) {
  const auto sku = Sku::parse(match.id);
  if (!sku) return wrong_id_in_path();
  HttpQuery query(match.target.query);
  ReadZoneMovements read;
  read.sku = *sku;
  read.zone = "UTC";
  query.read("zone", read.zone, parse_zone);
  query.read("from", read.from, parse_local_day);
  query.read("to", read.to, parse_local_day);
  return list(match, query, std::move(read), parse_date);
}

HttpRead<HttpExplain> explain_product(const HttpMatch& match) { return explain_one<Sku>(match); }
HttpRead<HttpExplain> explain_order(const HttpMatch& match) { return explain_one<OrderId>(match); }

HttpRead<HttpEventsRead> read_events(const HttpMatch& match) {
  HttpQuery query(match.target.query);
  const bool as_server_sent =
      view(match.request[http::field::accept]).find("text/event-stream") != std::string_view::npos;
  bool follows = as_server_sent;
  query.read("follow", follows, parse_flag);
  if (follows) return follow_events(match, query, {.as_server_sent = as_server_sent});
  return events_page(match, query);
}

HttpRead<HttpQuestion> show_head(const HttpMatch& match) {
  HttpQuery query(match.target.query);
  Freshness freshness;
  query.read("min_position", freshness.min_position, parse_position);
  query.read("stale", freshness.stale, parse_flag);
  std::string life = read_life(match, query);
  if (auto faults = query.faults(); !faults.empty()) return unread(malformed(std::move(faults)));
  return HttpQuestion{.request = ShowHead{}, .life = std::move(life), .wait_for = awaited(freshness)};
}

}  // namespace stockfold
