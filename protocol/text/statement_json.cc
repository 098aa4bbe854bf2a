#include "protocol/text/statement_json.h"

#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"

namespace stockfold {

namespace json = boost::json;

namespace {

json::value text_or_none(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

/// The actor and the reason.
void add_source(json::object& entry, const RecordedEvent& event) {
  entry.emplace("command_id", event.identity ? json::value(to_uuid(event.identity->id.bytes)) : nullptr);
  entry.emplace("actor", text_or_none(event.actor));
  entry.emplace("reason", text_or_none(reason_of(event.event)));
}

json::object end_of(std::string_view entry, std::string_view at, GlobalPosition position, const OrderId& id,
                    const std::optional<Order>& order) {
  return {{"entry", entry},
          {"order", id.view()},
          {at, position.value()},
          {"status", order ? json::value(name_of(order->status)) : nullptr},
          {"version", order ? order->version.value() : 0}};
}

void append_line(const json::object& object, std::string& lines) {
  append_json(object, lines);
  lines += '\n';
}

}  // namespace

// ---- products ---------------------------------------------------------------------------------------------

void ProductJsonForm::opening(Units stock, GlobalPosition from) {
  append_line({{"entry", "opening"}, {"product", sku_.view()}, {"from", from.value()}, {"balance", stock}},
              lines_);
}

void ProductJsonForm::movement(const RecordedEvent& event, const Movement& movement) {
  json::object entry{{"entry", "movement"},
                     {"position", event.position.value()},
                     {"time", rfc3339(event.time)},
                     {"what", name_of(movement.kind)},
                     {"order", movement.order ? json::value(movement.order->view()) : nullptr},
                     {"units", movement.quantity},
                     {"change", movement.change},
                     {"balance", movement.balance},
                     {"version", movement.version.value()}};
  add_source(entry, event);
  append_line(entry, lines_);
}

void ProductJsonForm::closing(const ProductStatement& statement, Units stock, GlobalPosition to) {
  const Turnover& turnover = statement.turnover();
  append_line({{"entry", "closing"},
               {"product", sku_.view()},
               {"to", to.value()},
               {"balance", statement.balance().value_or(stock)},
               {"movements", statement.movements()},
               {"received", turnover.received},
               {"written_off", turnover.written_off},
               {"in_progress", turnover.in_progress},
               {"fulfilled", turnover.fulfilled},
               {"adds_up", statement.adds_up()}},
              lines_);
}

std::string ProductJsonForm::take() { return std::exchange(lines_, {}); }

// ---- orders -----------------------------------------------------------------------------------------------

void OrderJsonForm::opening(const std::optional<Order>& order, GlobalPosition from) {
  append_line(end_of("opening", "from", from, id_, order), lines_);
}

void OrderJsonForm::event(const RecordedEvent& event, const Order& order) {
  json::array lines;
  for (const LineEffect& effect : effects_of(event.event)) {
    lines.push_back({{"sku", effect.sku.view()},
                     {"units", effect.quantity},
                     {"change", effect.change},
                     {"stock_after", effect.stock_after ? json::value(*effect.stock_after) : nullptr}});
  }
  json::object entry{{"entry", "event"},
                     {"position", event.position.value()},
                     {"time", rfc3339(event.time)},
                     {"what", done_to_order(type_of(event.event))},
                     {"status", name_of(order.status)},
                     {"version", order.version.value()},
                     {"lines", std::move(lines)}};
  add_source(entry, event);
  append_line(entry, lines_);
}

void OrderJsonForm::closing(const std::optional<Order>& order, GlobalPosition to) {
  append_line(end_of("closing", "to", to, id_, order), lines_);
}

std::string OrderJsonForm::take() { return std::exchange(lines_, {}); }

}  // namespace stockfold
