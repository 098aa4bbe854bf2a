#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "protocol/text/statement_json.h"
#include "protocol/text/time_text.h"
#include "tools/console/print.h"
#include "tools/reports/csv.h"
#include "tools/reports/entry_fields.h"
#include "tools/reports/statement_form.h"

namespace stockfold {
namespace {

std::string order_or(const Movement& movement, std::string_view nothing) {
  return movement.order ? movement.order->str() : std::string(nothing);
}

/// "0 + 14 - 1 - 5 - 3 = 5". What went back more often than it was taken in the period is added.
std::string sum_of(const ProductStatement& statement, Units opening, Units balance) {
  const Turnover& turnover = statement.turnover();
  return fmt::format("{} + {} - {} {} {} - {} = {}", opening, turnover.received, turnover.written_off,
                     turnover.in_progress < 0 ? '+' : '-', std::abs(turnover.in_progress), turnover.fulfilled,
                     balance);
}

class ProductText final : public ProductForm {
 public:
  explicit ProductText(const Sku& sku) : sku_(sku) {}

  void opening(Units stock, GlobalPosition from) override {
    text_ += fmt::format("product      {}\nopening      {} before position {}\n", sku_.view(), stock,
                         from.value());
  }
  void movement(const RecordedEvent& event, const Movement& movement) override {
    table_.add({fmt::to_string(event.position.value()), rfc3339(event.time),
                std::string(name_of(movement.kind)), order_or(movement, "-"),
                fmt::to_string(movement.quantity), signed_text(movement.change),
                fmt::to_string(movement.balance), command_id_text(event, "-"), actor_and_reason(event)});
    any_ = true;
  }
  std::string take() override {
    if (any_) text_ += table_.take();
    return std::exchange(text_, {});
  }
  void closing(const ProductStatement& statement, Units stock, GlobalPosition to) override {
    if (any_) text_ += table_.take();
    const Turnover& turnover = statement.turnover();
    const Units balance = statement.balance().value_or(stock);
    const Units opening = statement.opening().value_or(stock);
    text_ += fmt::format("closing      {} at position {}\n", balance, to.value());
    text_ += fmt::format("received     {}\n", turnover.received);
    text_ += fmt::format("written off  {}\n", turnover.written_off);
    text_ += fmt::format("in progress  {}\n", turnover.in_progress);
    text_ += fmt::format("fulfilled    {}\n", turnover.fulfilled);
    text_ += fmt::format("adds up      {}: {}\n", statement.adds_up() ? "yes" : "no",
                         sum_of(statement, opening, balance));
  }

 private:
  static constexpr auto kRight = Table::Align::right;
  const Sku sku_;
  Table table_{{{"POSITION", kRight},
                {"TIME"},
                {"WHAT"},
                {"ORDER"},
                {"UNITS", kRight},
                {"CHANGE", kRight},
                {"BALANCE", kRight},
                {"COMMAND ID"},
                {"ACTOR, REASON"}}};
  std::string text_;
  bool any_ = false;  ///< A movement: without one the table has no head either.
};

class ProductCsv final : public ProductForm {
 public:
  void opening(Units stock, GlobalPosition from) override {
    static const std::array<std::string, 11> header{"position",   "time",   "what",    "order",
                                                    "units",      "change", "balance", "version",
                                                    "command_id", "actor",  "reason"};
    lines_ += csv_line(header) + end(from, "opening", stock);
  }
  void movement(const RecordedEvent& event, const Movement& movement) override {
    const std::array<std::string, 11> fields{fmt::to_string(event.position.value()),
                                             rfc3339(event.time),
                                             std::string(name_of(movement.kind)),
                                             order_or(movement, ""),
                                             fmt::to_string(movement.quantity),
                                             fmt::to_string(movement.change),
                                             fmt::to_string(movement.balance),
                                             fmt::to_string(movement.version.value()),
                                             command_id_text(event, ""),
                                             event.actor,
                                             std::string(reason_of(event.event))};
    lines_ += csv_line(fields);
  }
  std::string take() override { return std::exchange(lines_, {}); }
  void closing(const ProductStatement& statement, Units stock, GlobalPosition to) override {
    lines_ += end(to, "closing", statement.balance().value_or(stock));
  }

 private:
  static std::string end(GlobalPosition position, std::string what, Units balance) {
    const std::array<std::string, 11> fields{
        fmt::to_string(position.value()), "", std::move(what), "", "", "", fmt::to_string(balance)};
    return csv_line(fields);
  }

  std::string lines_;
};

}  // namespace

std::unique_ptr<ProductForm> product_form(Form form, const Sku& sku) {
  switch (form) {
    case Form::json:
      return std::make_unique<ProductJsonForm>(sku);
    case Form::csv:
      return std::make_unique<ProductCsv>();
    case Form::text:
      break;
  }
  return std::make_unique<ProductText>(sku);
}

}  // namespace stockfold
