#include <charconv>
#include <variant>

#include "projections/all.h"
#include "projections/row_keys.h"
#include "storage/big_endian.h"
#include "storage/state_codec.h"

namespace stockfold {
namespace {

Lines plain(const Lines& lines) { return lines; }

Lines plain(const StockedLines& lines) {
  Lines plain_lines;
  plain_lines.reserve(lines.size());
  for (const StockedLine& line : lines) plain_lines.push_back({line.sku, line.quantity});
  return plain_lines;
}

template <class E>
constexpr OrderStatus kStatusAfter = OrderStatus::draft;
template <>
constexpr OrderStatus kStatusAfter<OrderPlaced> = OrderStatus::in_progress;
template <>
constexpr OrderStatus kStatusAfter<OrderAborted> = OrderStatus::aborted;
template <>
constexpr OrderStatus kStatusAfter<OrderFulfilled> = OrderStatus::fulfilled;

/// The number that an id is, where it is one in its shortest form.
std::optional<std::uint64_t> number_in(std::string_view id) {
  if (id.front() == '0') return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return number;
}

std::expected<bool, Fault> order_exists(const ViewBatch& batch, std::uint64_t number) {
  const auto row = batch.get(std::to_string(number));
  if (!row) return std::unexpected(row.error());
  return row->has_value();
}

/// Moves the next order number on where a new order takes it.
std::expected<void, Fault> take_number(const OrderId& order, GlobalPosition position, ViewBatch& batch) {
  const std::optional<std::uint64_t> number = number_in(order.view());
  if (!number) return {};
  const auto row = batch.get(kNextOrderKey);
  if (!row) return std::unexpected(row.error());
  const std::optional<std::uint64_t> next = next_order_number_in(*row);
  if (!next) return std::unexpected(corruption(position, "the row of the next order number is damaged"));
  if (*number < *next) return {};

  // It is a lower bound, so where callers have numbered orders far ahead, one event moves it on only so far.
  constexpr std::uint64_t kMostSteps = 1'000;
  std::uint64_t free = *next;
  for (; free < *next + kMostSteps; ++free) {
    if (free == *number) continue;
    const auto exists = order_exists(batch, free);
    if (!exists) return std::unexpected(exists.error());
    if (!*exists) break;
  }
  if (free == *next) return {};
  std::string value;
  append_big_endian(value, free);
  batch.put(kNextOrderKey, std::move(value));
  return {};
}

/// Never reads the order's old row: an event carries everything that the new one says, and a read for each
/// event would be most of this projection's cost. That the event could happen was checked when it was
/// decided.
class OrderProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "orders"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }

  std::expected<void, Fault> apply(const RecordedEvent& recorded, ViewBatch& batch) const override {
    return std::visit(
        [&]<class E>(const E& event) -> std::expected<void, Fault> {
          if constexpr (requires { event.order; }) {
            batch.put(event.order.view(), encode(Order{kStatusAfter<E>, plain(event.lines), recorded.version,
                                                       recorded.position, recorded.actor}));
            if (recorded.version == StreamVersion(1))
              return take_number(event.order, recorded.position, batch);
          }
          return {};
        },
        recorded.event);
  }
};

}  // namespace

const Projection& order_projection() {
  static const OrderProjection projection;
  return projection;
}

}  // namespace stockfold
