#include "projections/open_lines.h"

#include <optional>
#include <string_view>
#include <utility>

#include "projections/order_facts.h"
#include "projections/order_index_keys.h"

namespace stockfold {
namespace {

/// The names of one line after another, each followed by a byte 0, which no name holds.
std::string encode(const StockedLines& lines) {
  std::string row;
  for (const StockedLine& line : lines) {
    row.append(line.sku.view()).push_back('\0');
    row.append(location_of(line)).push_back('\0');
  }
  return row;
}

/// Takes a name from the front of `row`; empty if there is none.
std::optional<std::string_view> take_name(std::string_view& row) {
  const std::size_t end = row.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = row.substr(0, end);
  row.remove_prefix(end + 1);
  return name;
}

std::vector<std::string> sets_of(const StockedLines& lines) {
  std::vector<std::string> sets;
  sets.reserve(lines.size());
  for (const StockedLine& line : lines) {
    sets.push_back(order_chunks::open_of(line.sku.view(), location_of(line)));
  }
  return sets;
}

Result<std::vector<std::string>> sets_in(std::string_view row, GlobalPosition first) {
  std::vector<std::string> sets;
  while (!row.empty()) {
    const auto sku = take_name(row);
    const auto location = take_name(row);
    if (!sku || !location)
      return std::unexpected(corruption(first, "the lines of an open order are damaged"));
    sets.push_back(order_chunks::open_of(*sku, *location));
  }
  return sets;
}

}  // namespace

void OpenLines::add(GlobalPosition first, const StockedLines& lines) {
  if (lines.size() > 1) added_.emplace(first, encode(lines));
}

Result<std::vector<std::string>> OpenLines::close(GlobalPosition first, const StockedLines& lines, bool whole,
                                                  RowChanges& rows) {
  if (whole && lines.size() == 1) return sets_of(lines);
  if (const auto added = added_.extract(first)) return sets_in(added.mapped(), first);
  const std::string key = numbered_key(kLinesPrefix, first.value());
  auto row = view_.get(key);
  if (!row) return std::unexpected(std::move(row.error()));
  if (!*row) return sets_of(lines);
  rows.erase(key);
  return sets_in(**row, first);
}

void OpenLines::finish(RowChanges& rows) {
  for (const auto& [first, row] : added_) rows.put(numbered_key(kLinesPrefix, first.value()), row);
  added_.clear();
}

}  // namespace stockfold
