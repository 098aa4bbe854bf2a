#include "server/http/reply_answer.h"

#include <boost/json.hpp>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/text/json.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"
#include "server/http/order_object.h"
#include "server/http/query.h"
#include "server/http/tag.h"
#include "server/queries/reads.h"

namespace stockfold {

namespace json = boost::json;

namespace {

json::object row_object(const OrderId& id, const Order& order, GlobalPosition as_of) {
  json::object object = order_object(id.view(), order.lines, order.status, state_object(id, order));
  object.emplace("as_of", as_of.value());
  return object;
}
json::object row_object(const Sku& sku, const Product& product, GlobalPosition as_of) {
  json::object object = state_object(sku, product);
  object.emplace("as_of", as_of.value());
  return object;
}

/// `object` makes the JSON of what is shown.
template <class State, class MakeObject>
HttpAnswer shown_one(const HttpQuestion& asked, const State& state, const std::string& life,
                     const MakeObject& object) {
  const HttpTag tag{state.version, life};
  std::string headers = "ETag: " + tag.str() + "\r\n";
  if (names(asked.if_none_match, tag)) {
    return {.status = HttpStatus::not_modified, .type = {}, .headers = std::move(headers), .body = {}};
  }
  return json_answer(object(), std::move(headers));
}

json::object order_with_steps(const OrderHistoryReply& order) {
  json::object object = row_object(order.order, *order.state, order.as_of);
  add_steps(object, order.steps);
  return object;
}

std::string link(const std::string& next_page, std::string_view begin) {
  return "Link: <" + next_page + std::string(begin) + ">; rel=\"next\"\r\n";
}

/// The next page of what is read by positions.
std::string link(const std::string& next_page, GlobalPosition begin, const std::string& life) {
  return link(next_page, std::to_string(begin.value()) + "&life=" + life);
}

template <class Page>
HttpAnswer shown_page(const HttpQuestion& asked, std::string_view name, const Page& page,
                      const std::string& life) {
  json::array rows;
  rows.reserve(page.rows.size());
  for (const auto& [id, state] : page.rows) rows.push_back(row_object(id, state, page.as_of));
  json::object object{{name, std::move(rows)}, {"next", nullptr}, {"as_of", page.as_of.value()}};
  std::string headers;
  if (page.next) {
    HttpCursor next{.life = life, .at = {}, .from = page.next->str()};
    if (std::holds_alternative<At>(asked.request)) next.at = page.as_of;
    const std::string cursor = next.str();
    object["next"] = cursor;
    headers = link(asked.next_page, percent_encoded(cursor));
  }
  return json_answer(object, std::move(headers));
}

HttpAnswer shown_movements(const HttpQuestion& asked, const ZoneMovementsReply& page,
                           const std::string& life) {
  json::array days;
  days.reserve(page.rows.size());
  for (const ZoneDayMovements& day : page.rows) days.push_back(movements_object(day));
  json::object object{{"sku", page.sku.view()},
                      {"zone", page.zone},
                      {"movements", std::move(days)},
                      {"next", nullptr},
                      {"as_of", page.as_of.value()}};
  std::string headers;
  if (page.next) {
    const std::string cursor = HttpCursor{.life = life, .at = {}, .from = date_text(*page.next)}.str();
    object["next"] = cursor;
    headers = link(asked.next_page, cursor);
  }
  return json_answer(object, std::move(headers));
}

HttpAnswer shown_events(const HttpQuestion& asked, const EventsReply& reply, const std::string& life) {
  const auto* read = std::get_if<ReadEvents>(&asked.request);
  if (read != nullptr && !asked.life.empty() && read->from > reply.head.next()) {
    return answer_to(another_life("from: position " + std::to_string(read->from.value()) +
                                  " is beyond the end of the log, " + std::to_string(reply.head.value()) +
                                  ": the events there were lost"));
  }
  HttpAnswer answer;
  answer.type = "application/x-ndjson";
  if (reply.next) answer.headers = link(asked.next_page, *reply.next, life);
  for (const RecordedEvent& event : reply.events) {
    if (is_one_of(event, asked.types)) answer.body.append(json_of(event)).append("\n");
  }
  return answer;
}

HttpAnswer shown_head(const HeadReply& head, const std::string& life) {
  return json_answer({{"ledger", to_uuid(head.ledger.bytes)},
                      {"epoch", head.epoch.value()},
                      {"life", life},
                      {"position", head.position.value()},
                      {"hash", to_hex(head.hash)},
                      {"time", rfc3339(head.time)},
                      {"views", head.views.value()}},
                     {});
}

/// The result of `render` for the expected kind of reply.
template <class Expected, class Render>
HttpAnswer rendered(const Reply& reply, const Render& render) {
  const auto* expected = std::get_if<Expected>(&reply);
  if (expected == nullptr) return answer_to(ErrorReply{ErrorCode::outcome_unknown, "no answer", false});
  return render(*expected);
}

}  // namespace

HttpAnswer answer_to(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  if (const auto* error = std::get_if<ErrorReply>(&reply)) return answer_to(*error);
  return asked.render(asked, reply, life);
}

HttpAnswer answer_to(const HttpExplain& asked, std::optional<Explanation> explained,
                     const std::string& life) {
  return asked.render(asked, std::move(explained), life);
}

HttpAnswer render_product(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<ProductReply>(reply, [&](const ProductReply& product) {
    if (!product.product) return unknown_answer(Rule::unknown_product, StreamId::of(product.sku));
    return shown_one(asked, *product.product, life,
                     [&] { return row_object(product.sku, *product.product, product.as_of); });
  });
}

HttpAnswer render_order(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<OrderHistoryReply>(reply, [&](const OrderHistoryReply& order) {
    if (!order.state) return unknown_answer(Rule::unknown_order, StreamId::of(order.order));
    return shown_one(asked, *order.state, life, [&] { return order_with_steps(order); });
  });
}

HttpAnswer render_products(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<ProductsReply>(
      reply, [&](const ProductsReply& page) { return shown_page(asked, "products", page, life); });
}

HttpAnswer render_orders(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<OrdersReply>(
      reply, [&](const OrdersReply& page) { return shown_page(asked, "orders", page, life); });
}

HttpAnswer render_movements(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<ZoneMovementsReply>(reply, [&](const ZoneMovementsReply& page) {
    return page.is_known ? shown_movements(asked, page, life)
                         : unknown_answer(Rule::unknown_product, StreamId::of(page.sku));
  });
}

HttpAnswer render_events(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return rendered<EventsReply>(reply,
                               [&](const EventsReply& events) { return shown_events(asked, events, life); });
}

HttpAnswer render_head(const HttpQuestion& /*asked*/, const Reply& reply, const std::string& life) {
  return rendered<HeadReply>(reply, [&](const HeadReply& head) { return shown_head(head, life); });
}

HttpAnswer render_statement(const HttpExplain& asked, std::optional<Explanation> explained,
                            const std::string& life) {
  if (!explained) {
    const bool is_order = asked.what.subject.kind == AggregateKind::order;
    return unknown_answer(is_order ? Rule::unknown_order : Rule::unknown_product, asked.what.subject);
  }
  HttpAnswer answer{.type = "application/x-ndjson", .headers = {}, .body = std::move(explained->lines)};
  if (explained->next) answer.headers = link(asked.next_page, *explained->next, life);
  return answer;
}

}  // namespace stockfold
