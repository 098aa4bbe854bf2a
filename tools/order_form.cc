#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <vector>

#include "core/overloaded.h"
#include "server/time_text.h"
#include "tools/csv.h"
#include "tools/entry_fields.h"
#include "tools/print.h"
#include "tools/statement_form.h"

namespace stockfold {
namespace {

namespace json = boost::json;

/// What an order's event did to the stock of one line.
struct Effect {
  Sku sku;
  Quantity quantity = 0;
  std::int64_t change = 0;
  std::optional<Units> stock_after;  ///< Empty where it left the product alone.
};

template <class AnyLines>
std::vector<Effect> untouched(const AnyLines& lines) {
  std::vector<Effect> effects;
  effects.reserve(lines.size());
  for (const auto& line : lines) effects.push_back({line.sku, line.quantity, 0, std::nullopt});
  return effects;
}

std::vector<Effect> moved(const StockedLines& lines, int sign) {
  std::vector<Effect> effects;
  for (const StockedLine& line : lines) {
    effects.push_back({line.sku, line.quantity, sign * std::int64_t{line.quantity}, line.stock_after});
  }
  return effects;
}

std::vector<Effect> effects_of(const RecordedEvent& event) {
  return std::visit(
      Overloaded{
          [](const OrderDrafted& e) { return untouched(e.lines); },
          [](const OrderPlaced& e) { return moved(e.lines, -1); },
          [](const OrderAborted& e) { return e.was_draft ? untouched(e.lines) : moved(e.lines, 1); },
          [](const OrderFulfilled& e) { return moved(e.lines, 0); },
          [](const auto& /*of no order*/) { return std::vector<Effect>(); },
      },
      event.event);
}

/// What the event made of the order: "drafted", "placed", "aborted", "fulfilled".
std::string_view done_to_order(const RecordedEvent& event) {
  switch (type_of(event.event)) {
    case EventType::order_drafted:
      return "drafted";
    case EventType::order_placed:
      return "placed";
    case EventType::order_aborted:
      return "aborted";
    case EventType::order_fulfilled:
      return "fulfilled";
    default:
      return "?";
  }
}

std::string stock_text(const Effect& effect, std::string_view nothing) {
  return effect.stock_after ? fmt::to_string(*effect.stock_after) : std::string(nothing);
}

std::string status_text(const std::optional<Order>& order) {
  return order ? std::string(name_of(order->status)) : "none";
}

class OrderText final : public OrderForm {
 public:
  explicit OrderText(const OrderId& id) : id_(id) {}

  std::string opening(const std::optional<Order>& order, GlobalPosition from) override {
    return fmt::format("order    {}\nopening  {} before position {}\n", id_.view(), status_text(order),
                       from.value());
  }
  std::string event(const RecordedEvent& event, const Order& order) override {
    std::vector<std::string> row{fmt::to_string(event.position.value()),
                                 rfc3339(event.time),
                                 std::string(done_to_order(event)),
                                 fmt::to_string(order.version.value()),
                                 "",
                                 "",
                                 "",
                                 "",
                                 command_id_text(event, "-"),
                                 actor_and_reason(event)};
    for (const Effect& effect : effects_of(event)) {
      row[4] = effect.sku.str();
      row[5] = fmt::to_string(effect.quantity);
      row[6] = signed_text(effect.change);
      row[7] = stock_text(effect, "-");
      table_.add(row);
      for (const std::size_t said : {0U, 1U, 2U, 3U, 8U, 9U}) row[said].clear();
    }
    return {};  // so that all of them line up: there are three at most
  }
  std::string closing(const std::optional<Order>& order, GlobalPosition to) override {
    const std::string version = order ? fmt::format(", version {}", order->version.value()) : "";
    return (order ? table_.take() : std::string()) +
           fmt::format("closing  {}{} at position {}\n", status_text(order), version, to.value());
  }

 private:
  static constexpr auto kRight = Table::Align::right;
  const OrderId id_;
  Table table_{{{"POSITION", kRight},
                {"TIME"},
                {"WHAT"},
                {"VERSION", kRight},
                {"SKU"},
                {"UNITS", kRight},
                {"CHANGE", kRight},
                {"STOCK", kRight},
                {"COMMAND ID"},
                {"ACTOR, REASON"}}};
};

class OrderCsv final : public OrderForm {
 public:
  std::string opening(const std::optional<Order>& order, GlobalPosition from) override {
    static const Fields header{"position", "time",   "what",        "status",     "version", "sku",
                               "units",    "change", "stock_after", "command_id", "actor",   "reason"};
    return csv_line(header) + end(from, "opening", order);
  }
  std::string event(const RecordedEvent& event, const Order& order) override {
    std::string records;
    for (const Effect& effect : effects_of(event)) {
      records += csv_line(Fields{
          fmt::to_string(event.position.value()), rfc3339(event.time), std::string(done_to_order(event)),
          std::string(name_of(order.status)), fmt::to_string(order.version.value()), effect.sku.str(),
          fmt::to_string(effect.quantity), fmt::to_string(effect.change), stock_text(effect, ""),
          command_id_text(event, ""), event.actor, reason_of(event)});
    }
    return records;
  }
  std::string closing(const std::optional<Order>& order, GlobalPosition to) override {
    return end(to, "closing", order);
  }

 private:
  using Fields = std::array<std::string, 12>;
  static std::string end(GlobalPosition position, std::string what, const std::optional<Order>& order) {
    return csv_line(Fields{fmt::to_string(position.value()), "", std::move(what), status_text(order),
                           order ? fmt::to_string(order->version.value()) : ""});
  }
};

class OrderJson final : public OrderForm {
 public:
  explicit OrderJson(const OrderId& id) : id_(id) {}

  std::string opening(const std::optional<Order>& order, GlobalPosition from) override {
    return end("opening", "from", from, order);
  }
  std::string event(const RecordedEvent& event, const Order& order) override {
    json::array lines;
    for (const Effect& effect : effects_of(event)) {
      lines.push_back({{"sku", effect.sku.view()},
                       {"units", effect.quantity},
                       {"change", effect.change},
                       {"stock_after", effect.stock_after ? json::value(*effect.stock_after) : nullptr}});
    }
    return line({{"entry", "event"},
                 {"position", event.position.value()},
                 {"time", rfc3339(event.time)},
                 {"what", done_to_order(event)},
                 {"status", name_of(order.status)},
                 {"version", order.version.value()},
                 {"lines", std::move(lines)},
                 {"command_id", text_or_null(command_id_text(event, ""))},
                 {"actor", text_or_null(event.actor)},
                 {"reason", text_or_null(reason_of(event))}});
  }
  std::string closing(const std::optional<Order>& order, GlobalPosition to) override {
    return end("closing", "to", to, order);
  }

 private:
  std::string end(std::string_view entry, std::string_view at, GlobalPosition position,
                  const std::optional<Order>& order) const {
    return line({{"entry", entry},
                 {"order", id_.view()},
                 {at, position.value()},
                 {"status", order ? json::value(name_of(order->status)) : nullptr},
                 {"version", order ? order->version.value() : 0}});
  }
  static json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  }
  static std::string line(const json::object& object) { return json::serialize(object) + '\n'; }

  const OrderId id_;
};

}  // namespace

std::unique_ptr<OrderForm> order_form(Form form, const OrderId& id) {
  switch (form) {
    case Form::json:
      return std::make_unique<OrderJson>(id);
    case Form::csv:
      return std::make_unique<OrderCsv>();
    case Form::text:
      break;
  }
  return std::make_unique<OrderText>(id);
}

}  // namespace stockfold
