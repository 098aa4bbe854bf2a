#include "tools/reports/event_csv.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "core/overloaded.h"
#include "protocol/text/time_text.h"
#include "tools/reports/csv.h"

namespace stockfold {
namespace {

enum class Column : std::uint8_t {
  position,
  time,
  type,
  version,
  order,
  sku,
  name,
  quantity,
  stock_after,
  reason,
  error,
  message,
  command_id,
  actor,
};
constexpr std::array<std::string_view, 14> kColumns = {
    "position", "time",        "type",   "version", "order",   "sku",        "name",
    "quantity", "stock_after", "reason", "error",   "message", "command_id", "actor"};

/// The fields of one record; a column that does not apply to an event stays empty.
class CsvRow {
 public:
  CsvRow& set(Column column, std::string text) {
    fields_[static_cast<std::size_t>(column)] = std::move(text);
    return *this;
  }
  CsvRow& set(Column column, std::uint64_t number) { return set(column, fmt::to_string(number)); }
  [[nodiscard]] std::string line() const { return csv_line(fields_); }

 private:
  std::array<std::string, kColumns.size()> fields_;
};

/// What an event's rows have in common.
CsvRow row_of(const RecordedEvent& recorded) {
  CsvRow row;
  row.set(Column::position, recorded.position.value())
      .set(Column::time, rfc3339(recorded.time))
      .set(Column::type, std::string(name_of(type_of(recorded.event))))
      .set(Column::actor, recorded.actor);
  if (recorded.version != StreamVersion()) row.set(Column::version, recorded.version.value());
  if (recorded.identity) row.set(Column::command_id, to_uuid(recorded.identity->id.bytes));
  return row;
}

void set_subject(CsvRow& row, const Refusal& refusal) {
  row.set(Column::error, std::string(name_of(refusal.rule))).set(Column::message, message_of(refusal));
  if (!refusal.subject) return;
  row.set(refusal.subject->kind == AggregateKind::order ? Column::order : Column::sku, refusal.subject->id);
}

template <class AnyLine>
void set_line(CsvRow& row, const AnyLine& line, bool moved) {
  row.set(Column::sku, line.sku.str()).set(Column::quantity, line.quantity);
  if constexpr (requires { line.stock_after; }) {
    if (moved) row.set(Column::stock_after, line.stock_after);
  }
}

template <class OrderEvent>
std::string lines_of(CsvRow row, const OrderEvent& event) {
  bool moved = true;
  if constexpr (requires { event.was_draft; }) moved = !event.was_draft;
  if constexpr (requires { event.reason; }) row.set(Column::reason, event.reason);
  row.set(Column::order, event.order.str());
  std::string records;
  for (const auto& line : event.lines) {
    set_line(row, line, moved);
    records += row.line();
  }
  return records;
}

}  // namespace

std::string event_csv_header() {
  CsvRow row;
  for (std::size_t i = 0; i < kColumns.size(); ++i) row.set(Column(i), std::string(kColumns.at(i)));
  return row.line();
}

std::string csv_of(const RecordedEvent& recorded) {
  CsvRow row = row_of(recorded);
  const auto moved = [&row](const auto& event) {
    return row.set(Column::sku, event.sku.str())
        .set(Column::quantity, event.quantity)
        .set(Column::stock_after, event.stock_after)
        .set(Column::reason, event.reason)
        .line();
  };
  return std::visit(
      Overloaded{
          [&](const ProductRegistered& event) {
            return row.set(Column::sku, event.sku.str())
                .set(Column::name, event.name)
                .set(Column::quantity, event.stock)
                .set(Column::stock_after, event.stock)
                .line();
          },
          [&](const StockReceived& event) { return moved(event); },
          [&](const StockWrittenOff& event) { return moved(event); },
          [&](const ProductRetired& event) {
            return row.set(Column::sku, event.sku.str()).set(Column::stock_after, event.stock_after).line();
          },
          [&](const CommandRefused& event) {
            set_subject(row, event.refusal);
            return row.line();
          },
          [&](const auto& event) { return lines_of(std::move(row), event); },
      },
      recorded.event);
}

}  // namespace stockfold
