#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "core/statement.h"
#include "protocol/text/statement_json.h"
#include "protocol/text/time_text.h"
#include "tools/console/print.h"
#include "tools/reports/csv.h"
#include "tools/reports/entry_fields.h"
#include "tools/reports/statement_form.h"

namespace stockfold {
namespace {

std::string stock_text(const LineEffect& effect, std::string_view nothing) {
  return effect.stock_after ? fmt::to_string(*effect.stock_after) : std::string(nothing);
}

std::string status_text(const std::optional<Order>& order) {
  return order ? std::string(name_of(order->status)) : "none";
}

class OrderText final : public OrderForm {
 public:
  explicit OrderText(const OrderId& id) : id_(id) {}

  void opening(const std::optional<Order>& order, GlobalPosition from) override {
    text_ += fmt::format("order    {}\nopening  {} before position {}\n", id_.view(), status_text(order),
                         from.value());
  }
  void event(const RecordedEvent& event, const Order& order) override {
    std::vector<std::string> row{fmt::to_string(event.position.value()),
                                 rfc3339(event.time),
                                 std::string(done_to_order(type_of(event.event))),
                                 fmt::to_string(order.version.value()),
                                 "",
                                 "",
                                 "",
                                 "",
                                 command_id_text(event, "-"),
                                 actor_and_reason(event)};
    for (const LineEffect& effect : effects_of(event.event)) {
      row[4] = effect.sku.str();
      row[5] = fmt::to_string(effect.quantity);
      row[6] = signed_text(effect.change);
      row[7] = stock_text(effect, "-");
      table_.add(row);
      for (const std::size_t repeated : {0U, 1U, 2U, 3U, 8U, 9U}) row[repeated].clear();
    }
  }
  void closing(const std::optional<Order>& order, GlobalPosition to) override {
    if (order) text_ += table_.take();  // only now, so that all rows line up: there are three at most
    const std::string version = order ? fmt::format(", version {}", order->version.value()) : "";
    text_ += fmt::format("closing  {}{} at position {}\n", status_text(order), version, to.value());
  }
  std::string take() override { return std::exchange(text_, {}); }

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
  std::string text_;
};

class OrderCsv final : public OrderForm {
 public:
  void opening(const std::optional<Order>& order, GlobalPosition from) override {
    static const Fields header{"position", "time",   "what",        "status",     "version", "sku",
                               "units",    "change", "stock_after", "command_id", "actor",   "reason"};
    records_ += csv_line(header) + end(from, "opening", order);
  }
  void event(const RecordedEvent& event, const Order& order) override {
    for (const LineEffect& effect : effects_of(event.event)) {
      records_ += csv_line(
          Fields{fmt::to_string(event.position.value()), rfc3339(event.time),
                 std::string(done_to_order(type_of(event.event))), std::string(name_of(order.status)),
                 fmt::to_string(order.version.value()), effect.sku.str(), fmt::to_string(effect.quantity),
                 fmt::to_string(effect.change), stock_text(effect, ""), command_id_text(event, ""),
                 event.actor, std::string(reason_of(event.event))});
    }
  }
  void closing(const std::optional<Order>& order, GlobalPosition to) override {
    records_ += end(to, "closing", order);
  }
  std::string take() override { return std::exchange(records_, {}); }

 private:
  using Fields = std::array<std::string, 12>;
  static std::string end(GlobalPosition position, std::string what, const std::optional<Order>& order) {
    return csv_line(Fields{fmt::to_string(position.value()), "", std::move(what), status_text(order),
                           order ? fmt::to_string(order->version.value()) : ""});
  }

  std::string records_;
};

}  // namespace

std::unique_ptr<OrderForm> order_form(Form form, const OrderId& id) {
  switch (form) {
    case Form::json:
      return std::make_unique<OrderJsonForm>(id);
    case Form::csv:
      return std::make_unique<OrderCsv>();
    case Form::text:
      break;
  }
  return std::make_unique<OrderText>(id);
}

}  // namespace stockfold
