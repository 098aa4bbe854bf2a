#include "protocol/text/json.h"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <variant>

#include "core/overloaded.h"
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

/// The lines of an aborted draft moved no stock, so they quote none.
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
          {name_of(StateField::name), product.name},
          {name_of(StateField::stock), product.stock()},
          {name_of(StateField::received), product.received},
          {name_of(StateField::written_off), product.written_off},
          {name_of(StateField::in_progress), product.in_progress},
          {name_of(StateField::fulfilled), product.fulfilled},
          {name_of(StateField::retired), product.retired},
          {name_of(StateField::version), product.version.value()}};
}

json::object state_object(std::string_view id, const Order& order) {
  return {{"order", id},
          {name_of(StateField::status), name_of(order.status)},
          {name_of(StateField::lines), lines_array(order.lines)},
          {name_of(StateField::version), order.version.value()}};
}

json::value state_or_null(const std::optional<StreamId>& subject, const AggregateState& state) {
  if (!subject) return nullptr;
  if (const auto* product = std::get_if<Product>(&state)) return state_object(subject->id, *product);
  if (const auto* order = std::get_if<Order>(&state)) return state_object(subject->id, *order);
  return nullptr;
}

json::object error_object(std::string_view error, std::string_view message) {
  return {{"ok", false}, {"error", error}, {"message", message}};
}

json::object refusal_object(const Refusal& refusal) {
  json::object object = error_object(name_of(refusal.rule), message_of(refusal));
  add_obstacle(object, refusal);
  return object;
}

json::object contradiction_object(const Contradiction& contradiction) {
  json::object object =
      error_object(name_of(ErrorCode::invalid_argument), message_with_fields(contradiction));
  add_obstacle(object, contradiction);
  return object;
}

json::object failure_object(const Failure& failure) {
  json::object object = error_object(name_of(failure.code), message_of(failure));
  add_no_obstacle(object);
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
    json::object object{{"command", name_of(event.command)},
                        {"error", name_of(event.refusal.rule)},
                        {"message", message_of(event.refusal)}};
    add_obstacle(object, event.refusal);
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

std::string_view name_of(StateField field) {
  switch (field) {
    case StateField::status:
      return "status";
    case StateField::status_code:
      return "status_code";
    case StateField::product:
      return "product";
    case StateField::lines:
      return "lines";
    case StateField::version:
      return "version";
    case StateField::name:
      return "name";
    case StateField::stock:
      return "stock";
    case StateField::received:
      return "received";
    case StateField::written_off:
      return "written_off";
    case StateField::in_progress:
      return "in_progress";
    case StateField::fulfilled:
      return "fulfilled";
    case StateField::retired:
      return "retired";
  }
  return "?";
}

std::string message_with_fields(const Contradiction& contradiction) {
  std::string message = message_of(contradiction);
  std::string_view separator = ": ";
  for (const StateField field : contradiction.fields) {
    message.append(separator).append(name_of(field));
    separator = ", ";
  }
  return message;
}

void add_obstacle(json::object& object, const Refusal& refusal) {
  object.emplace("position", number_or_null(refusal.obstacle));
  object.emplace("expected_version", number_or_null(refusal.expected.version()));
  object.emplace("actual_version", refusal.subject ? json::value(refusal.actual.value()) : nullptr);
  object.emplace("subject", refusal.subject ? json::value(refusal.subject->str()) : nullptr);
  object.emplace("state", state_or_null(refusal.subject, refusal.state));
}

void add_obstacle(json::object& object, const Contradiction& contradiction) {
  object.emplace("position", number_or_null(contradiction.obstacle));
  object.emplace("expected_version", nullptr);
  object.emplace("actual_version", contradiction.actual.value());
  object.emplace("subject", contradiction.subject.str());
  object.emplace("state", state_or_null(contradiction.subject, contradiction.state));
}

void add_no_obstacle(json::object& object) { add_obstacle(object, Refusal()); }

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
  json::object object =
      std::visit(Overloaded{
                     [&](const Accepted& accepted) { return accepted_object(accepted, answer.replayed); },
                     [](const Refusal& refusal) { return refusal_object(refusal); },
                     [](const Contradiction& contradiction) { return contradiction_object(contradiction); },
                     [](const Failure& failure) { return failure_object(failure); },
                 },
                 answer.outcome);
  if (!std::holds_alternative<Accepted>(answer.outcome)) add_replay(object, answer);
  return json::serialize(object);
}

std::string json_of(const Refusal& refusal) { return json::serialize(refusal_object(refusal)); }

std::string json_of(const Failure& failure) { return json::serialize(failure_object(failure)); }

std::string json_of(ErrorCode code, std::string_view message) {
  return json::serialize(error_object(name_of(code), message));
}

std::string json_of(const Sku& sku, const Product& product, GlobalPosition as_of) {
  return state_line(sku, product, as_of);
}

std::string json_of(const OrderId& id, const Order& order, GlobalPosition as_of) {
  return state_line(id, order, as_of);
}

std::string json_of(const RecordedEvent& event) { return json::serialize(event_object(event)); }

}  // namespace stockfold
