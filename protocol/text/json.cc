#include "protocol/text/json.h"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <variant>

#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

template <class Number>
json::value number_or_null(const std::optional<Number>& number) {
  return number ? json::value(number->value()) : json::value(nullptr);
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

/// The lines of a draft that was aborted moved no stock, so they quote none.
json::array lines_array(const StockedLines& lines, bool moved = true) {
  json::array array;
  for (const StockedLine& line : lines) {
    json::object object{{"sku", line.sku.view()}, {"quantity", line.quantity}};
    if (moved) object.emplace("stock_after", line.stock_after);
    array.push_back(std::move(object));
  }
  return array;
}

json::object state_object(std::string_view sku, const Product& product) {
  return {{"sku", sku},
          {"name", product.name},
          {"stock", product.stock()},
          {"received", product.received},
          {"written_off", product.written_off},
          {"in_progress", product.in_progress},
          {"fulfilled", product.fulfilled},
          {"retired", product.retired},
          {"version", product.version.value()}};
}

json::object state_object(std::string_view id, const Order& order) {
  return {{"order", id},
          {"status", name_of(order.status)},
          {"lines", lines_array(order.lines)},
          {"version", order.version.value()}};
}

json::value state_or_null(const Refusal& refusal) {
  if (!refusal.subject) return nullptr;
  if (const auto* product = std::get_if<Product>(&refusal.state)) {
    return state_object(refusal.subject->id, *product);
  }
  if (const auto* order = std::get_if<Order>(&refusal.state))
    return state_object(refusal.subject->id, *order);
  return nullptr;
}

/// What a refusal says, behind whatever the object already holds.
void add_refusal(json::object& object, const Refusal& refusal) {
  object.emplace("error", name_of(refusal.rule));
  object.emplace("message", message_of(refusal));
  add_obstacle(object, refusal);
}

json::object refusal_object(const Refusal& refusal) {
  json::object object{{"ok", false}};
  add_refusal(object, refusal);
  return object;
}

/// The fields of an event that are its own.
struct DataOf {
  json::object operator()(const ProductRegistered& event) const {
    return {{"sku", event.sku.view()}, {"name", event.name}, {"stock", event.stock}};
  }
  json::object operator()(const StockReceived& event) const { return moved(event); }
  json::object operator()(const StockWrittenOff& event) const { return moved(event); }
  json::object operator()(const ProductRetired& event) const {
    return {{"sku", event.sku.view()}, {"stock_after", event.stock_after}};
  }
  json::object operator()(const OrderDrafted& event) const {
    return {{"order", event.order.view()}, {"lines", lines_array(event.lines)}};
  }
  json::object operator()(const OrderPlaced& event) const {
    return {{"order", event.order.view()}, {"lines", lines_array(event.lines)}};
  }
  json::object operator()(const OrderAborted& event) const {
    return {{"order", event.order.view()},
            {"was_draft", event.was_draft},
            {"lines", lines_array(event.lines, !event.was_draft)},
            {"reason", event.reason}};
  }
  json::object operator()(const OrderFulfilled& event) const {
    return {{"order", event.order.view()}, {"lines", lines_array(event.lines)}, {"reason", event.reason}};
  }
  json::object operator()(const CommandRefused& event) const {
    json::object object{{"command", name_of(event.command)}};
    add_refusal(object, event.refusal);
    return object;
  }

 private:
  template <class StockMoved>
  static json::object moved(const StockMoved& event) {
    return {{"sku", event.sku.view()},
            {"quantity", event.quantity},
            {"stock_after", event.stock_after},
            {"reason", event.reason}};
  }
};

template <class Id, class State>
std::string state_line(const Id& id, const State& state, GlobalPosition as_of) {
  json::object object = state_object(id, state);
  object.emplace("as_of", as_of.value());
  return json::serialize(object);
}

}  // namespace

// ---- objects ----------------------------------------------------------------------------------------------

json::array lines_array(const Lines& lines) {
  json::array array;
  array.reserve(lines.size());
  for (const Line& line : lines) array.push_back({{"sku", line.sku.view()}, {"quantity", line.quantity}});
  return array;
}

json::object state_object(const Sku& sku, const Product& product) {
  return state_object(sku.view(), product);
}
json::object state_object(const OrderId& id, const Order& order) { return state_object(id.view(), order); }

void add_obstacle(json::object& object, const Refusal& refusal) {
  object.emplace("position", number_or_null(refusal.obstacle));
  object.emplace("expected_version", number_or_null(refusal.expected.version()));
  object.emplace("actual_version", refusal.subject ? json::value(refusal.actual.value()) : nullptr);
  object.emplace("subject", refusal.subject ? json::value(refusal.subject->str()) : nullptr);
  object.emplace("state", state_or_null(refusal));
}

void add_replay(json::object& object, const Answer& refused) {
  object.emplace("replayed", refused.replayed);
  if (!refused.decided) return;
  object.emplace("decided_at", rfc3339(refused.decided->time));
  object.emplace("decided_position", refused.decided->position.value());
}

json::object accepted_object(const Accepted& accepted, bool replayed) {
  json::object stock;
  for (const StockOf& of : accepted.stock) stock.emplace(of.sku.view(), of.stock);

  json::object object{{"ok", true}};
  object.emplace(accepted.subject.kind == AggregateKind::order ? "order" : "product", accepted.subject.id);
  if (accepted.status) object.emplace("status", name_of(*accepted.status));
  object.emplace("version", accepted.version.value());
  object.emplace("position", accepted.position.value());
  object.emplace("replayed", replayed);
  if (replayed) object.emplace("decided_at", rfc3339(accepted.time));
  object.emplace("stock", std::move(stock));
  return object;
}

json::object event_object(const RecordedEvent& event) {
  json::object streams;
  for (const StreamEntry& entry : streams_of(event))
    streams.emplace(entry.stream.str(), entry.version.value());

  return {{"position", event.position.value()},
          {"type", name_of(type_of(event.event))},
          {"time", rfc3339(event.time)},
          {"streams", std::move(streams)},
          {"command_id", event.identity ? json::value(to_uuid(event.identity->id.bytes)) : nullptr},
          {"actor", text_or_null(event.actor)},
          {"data", std::visit(DataOf{}, event.event)}};
}

void append_json(const json::object& object, std::string& out) {
  std::array<char, 4'096> buffer;
  json::serializer serializer;
  serializer.reset(&object);
  while (!serializer.done()) {
    const auto piece = serializer.read(buffer.data(), buffer.size());
    out.append(piece.data(), piece.size());
  }
}

// ---- lines ------------------------------------------------------------------------------------------------

std::string json_of(const Answer& answer) {
  if (const auto* accepted = std::get_if<Accepted>(&answer.outcome)) {
    return json::serialize(accepted_object(*accepted, answer.replayed));
  }
  json::object object = refusal_object(std::get<Refusal>(answer.outcome));
  add_replay(object, answer);
  return json::serialize(object);
}

std::string json_of(const Refusal& refusal) { return json::serialize(refusal_object(refusal)); }

std::string json_of(Rule rule, std::string_view message) {
  return json::serialize(json::object{{"ok", false}, {"error", name_of(rule)}, {"message", message}});
}

std::string json_of(const Sku& sku, const Product& product, GlobalPosition as_of) {
  return state_line(sku, product, as_of);
}

std::string json_of(const OrderId& id, const Order& order, GlobalPosition as_of) {
  return state_line(id, order, as_of);
}

std::string json_of(const Sku& sku, const DayMovements& day, GlobalPosition as_of) {
  return json::serialize(json::object{{"sku", sku.view()},
                                      {"day", date_text(day.day)},
                                      {"placed", day.sums.placed},
                                      {"aborted", day.sums.aborted},
                                      {"fulfilled", day.sums.fulfilled},
                                      {"received", day.sums.received},
                                      {"written_off", day.sums.written_off},
                                      {"events", day.sums.events},
                                      {"as_of", as_of.value()}});
}

std::string json_of(const RecordedEvent& event) { return json::serialize(event_object(event)); }

}  // namespace stockfold
