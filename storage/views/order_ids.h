// The ids of the orders that began in a short stretch of the log as bytes: a row of the view "order_index".
// The format is docs/DATA_FORMAT.md, "Rows".
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/numbers.h"

namespace stockfold {

/// How many positions one row covers. Row r holds the ids of the orders whose first event lies at one of the
/// positions r * kIdPositions to (r + 1) * kIdPositions - 1.
inline constexpr std::size_t kIdPositions = 256;
constexpr std::uint64_t id_row_of(GlobalPosition position) { return position.value() / kIdPositions; }

/// The number that an order id stands for, if the id is a positive number in its shortest form.
std::optional<std::uint64_t> order_number_in(std::string_view id);
/// The greatest number that a row holds as a number.
inline constexpr std::uint64_t kMostIdNumber = std::numeric_limits<std::uint64_t>::max() - kIdPositions;

/// The row to which ids are added, in order of the orders' first events. Numbers that follow each other take
/// no bytes of their own.
class OrderIds {
 public:
  static std::expected<OrderIds, std::string> decode(std::string_view bytes);
  /// Replaces `bytes` by the row. It must not be empty.
  void encode(std::string& bytes) const;

  /// `number` is 1 to kMostIdNumber.
  void add_number(std::uint64_t number);
  void add_text(std::string_view id);
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Whether any id was added as a number.
  [[nodiscard]] bool has_number() const { return has_number_; }

 private:
  std::string ended_;        ///< The entries before the last run.
  std::uint64_t first_ = 0;  ///< The first number of the last run.
  std::size_t count_ = 0;    ///< Of the last run's numbers; 0 if the last entry is none.
  std::size_t size_ = 0;
  bool has_number_ = false;
};

/// The id at an index of a row, counted from 0. The error says what is wrong with the bytes.
std::expected<std::string, std::string> order_id_at(std::string_view row, std::size_t index);
/// The index of an id that was added as a number; empty if it was not. The error is as above.
std::expected<std::optional<std::size_t>, std::string> index_of_number(std::string_view row,
                                                                       std::uint64_t number);

}  // namespace stockfold
