#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/movements.h"
#include "core/overloaded.h"
#include "projections/all.h"
#include "projections/row_keys.h"
#include "projections/row_table.h"
#include "storage/codec/state_codec.h"

namespace stockfold {
namespace {

struct ProductDay {
  Sku sku;
  Day day;
  friend bool operator==(const ProductDay&, const ProductDay&) = default;
};

}  // namespace
}  // namespace stockfold

template <>
struct std::hash<stockfold::ProductDay> {
  std::size_t operator()(const stockfold::ProductDay& key) const noexcept {
    constexpr std::size_t kSpread = 0x9E37'79B9'7F4A'7C15;  // spreads neighboring days
    return std::hash<stockfold::Sku>{}(key.sku) ^ key.day.value() * kSpread;
  }
};

namespace stockfold {
namespace {

/// Calls `visit(sku, sum, units)` for each product that an event moves; `sum` is the sum to add `units` to.
template <class Visit>
void for_each_movement(const Event& event, const Visit& visit) {
  const auto lines = [&](const StockedLines& moved, Units MovementSums::* sum) {
    for (const StockedLine& line : moved) visit(line.sku, sum, line.quantity);
  };
  std::visit(Overloaded{
                 [&](const ProductRegistered& e) {
                   if (e.stock > 0) visit(e.sku, &MovementSums::received, e.stock);
                 },
                 [&](const StockReceived& e) { visit(e.sku, &MovementSums::received, e.quantity); },
                 [&](const StockWrittenOff& e) { visit(e.sku, &MovementSums::written_off, e.quantity); },
                 [&](const OrderPlaced& e) { lines(e.lines, &MovementSums::placed); },
                 [&](const OrderAborted& e) {
                   if (!e.was_draft) lines(e.lines, &MovementSums::aborted);
                 },
                 [&](const OrderFulfilled& e) { lines(e.lines, &MovementSums::fulfilled); },
                 [](const auto& /*moves nothing*/) {},
             },
             event);
}

/// Sums stay decoded from batch to batch, so the row of a busy product's day is written once a batch and not
/// read back. The sums that a commit needs and that are not in memory are read together.
class MovementFold final : public Fold {
 public:
  explicit MovementFold(const View& view) : view_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& /*rows*/) override {
    moves_.clear();
    missing_.clear();
    for (const RecordedEvent& event : events) {
      for_each_movement(event.event, [&](const Sku& sku, Units MovementSums::* sum, Units units) {
        const auto [number, added] = days_.add({sku, day_of(event.time)});
        if (added) missing_.push_back(number);
        moves_.push_back({number, sum, units});
      });
    }
    if (auto read = read_missing(events.front().position); !read) return read;
    for (const auto& [number, sum, units] : moves_) {
      Held& held = days_[number].value;
      held.sums.*sum += units;
      ++held.sums.events;
      if (!std::exchange(held.changed, true)) changed_.push_back(number);
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    for (const auto number : changed_) {
      auto& [key, held] = days_[number];
      movement_key(key.sku.view(), key.day, key_);
      encode(held.sums, row_);
      rows.put(key_, row_);
      held.changed = false;
    }
    changed_.clear();
    if (days_.size() > kHeldRows) days_.clear();
    return {};
  }

 private:
  struct Held {
    MovementSums sums;
    bool changed = false;  ///< Changed in this batch.
  };
  using Days = RowTable<ProductDay, Held>;
  struct Move {
    Days::Number number;
    Units MovementSums::* sum;
    Units units;
  };

  Result<void> read_missing(GlobalPosition position) {
    if (missing_.empty()) return {};
    std::vector<std::string> keys(missing_.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const ProductDay& key = days_[missing_[i]].key;
      movement_key(key.sku.view(), key.day, keys[i]);
    }
    auto rows = view_.get(std::vector<std::string_view>(keys.begin(), keys.end()));
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*rows)[i]) continue;
      auto& [key, held] = days_[missing_[i]];
      const auto sums = decode_movements(*(*rows)[i]);
      if (!sums) {
        return std::unexpected(corruption(position, "the movements of product " + key.sku.str() + " on day " +
                                                        std::to_string(key.day.value()) + ": " +
                                                        sums.error()));
      }
      held.sums = *sums;
    }
    return {};
  }

  const View& view_;
  Days days_;
  std::vector<Move> moves_;            ///< Of the commit.
  std::vector<Days::Number> missing_;  ///< Not in memory when the commit came.
  std::vector<Days::Number> changed_;
  std::string key_;
  std::string row_;
};

class MovementProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "movements"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<MovementFold>(view);
  }
};

}  // namespace

const Projection& movement_projection() {
  static const MovementProjection projection;
  return projection;
}

}  // namespace stockfold
