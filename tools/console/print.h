// Text output for people: short, aligned, and safe to show on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/outcome.h"
#include "core/refusal.h"
#include "core/state.h"
#include "protocol/messages.h"

namespace stockfold {

/// "placed order 1 (version 1, position 7); stock: A 0".
[[nodiscard]] std::string text_of(CommandKind command, const Accepted& accepted, bool replayed);
[[nodiscard]] std::string text_of(const RecordedEvent& event);
/// Several lines, without the last line end.
[[nodiscard]] std::string text_of(const Sku& sku, const Product& product, GlobalPosition as_of);
[[nodiscard]] std::string text_of(const OrderId& id, const Order& order, const std::vector<OrderStep>& steps,
                                  GlobalPosition as_of);

/// A table that is printed a page at a time: its columns only ever widen.
class Table {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string name;
    Align align = Align::left;
  };

  /// Only the last column may hold more than ASCII.
  explicit Table(std::vector<Column> columns);

  void add(std::vector<std::string> row);
  /// The rows since the last call, each with its line end; before the first of them the names of the columns.
  [[nodiscard]] std::string take();

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& row) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

[[nodiscard]] Table product_table();
void add_row(Table& table, const Sku& sku, const Product& product);
[[nodiscard]] Table movement_table();
/// `day`: a date, or another label for the sums.
void add_row(Table& table, std::string day, const MovementSums& sums);
[[nodiscard]] Table order_table();
void add_row(Table& table, const OrderId& id, const Order& order);

/// Writes to stdout. Control characters other than line ends become '?', because clients choose the texts.
/// False: the write failed.
bool print(std::string_view text);
bool print_line(std::string_view text);
/// Writes bytes to stdout unchanged, for other programs.
bool print_data(std::string_view data);
/// Writes a line to stderr as print() does.
void complain(std::string_view text);

}  // namespace stockfold
