#include <array>
#include <string>
#include <string_view>
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

/// A product in one stretch of time, a Day or a Quarter.
template <class Stretch>
struct ProductThen {
  Sku sku;
  Stretch when;
  friend bool operator==(const ProductThen&, const ProductThen&) = default;
};

}  // namespace
}  // namespace stockfold

template <class Stretch>
struct std::hash<stockfold::ProductThen<Stretch>> {
  std::size_t operator()(const stockfold::ProductThen<Stretch>& key) const noexcept {
    constexpr std::size_t kSpread = 0x9E37'79B9'7F4A'7C15;  // spreads neighboring days
    return std::hash<stockfold::Sku>{}(key.sku) ^ key.when.value() * kSpread;
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

/// How the folds of days and of quarters differ.
struct EachDay {
  using Stretch = Day;
  static constexpr std::string_view kView = "movements";
  static constexpr std::string_view kNoun = "day";
  static Day of(UnixMillis time) { return day_of(time); }
};
struct EachQuarter {
  using Stretch = Quarter;
  static constexpr std::string_view kView = "quarters";
  static constexpr std::string_view kNoun = "quarter";
  static Quarter of(UnixMillis time) { return quarter_of(time); }
};

/// Sums stay decoded from batch to batch, so the row of a busy product's day is written once a batch and not
/// read back. The sums that a commit needs and that are not in memory are read together.
template <class Each>
class MovementFold final : public Fold {
 public:
  explicit MovementFold(const View& view) : view_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& /*rows*/) override {
    moves_.clear();
    missing_.clear();
    for (const RecordedEvent& event : events) {
      for_each_movement(event.event, [&](const Sku& sku, Units MovementSums::* sum, Units units) {
        const auto [number, added] = sums_.add({sku, Each::of(event.time)});
        if (added) missing_.push_back(number);
        moves_.push_back({number, sum, units});
      });
    }
    if (auto read = read_missing(events.front().position); !read) return read;
    for (const auto& [number, sum, units] : moves_) {
      Held& held = sums_[number].value;
      held.sums.*sum += units;
      ++held.sums.events;
      if (!std::exchange(held.changed, true)) changed_.push_back(number);
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    for (const auto number : changed_) {
      auto& [key, held] = sums_[number];
      movement_key(key.sku.view(), key.when, key_);
      encode(held.sums, row_);
      rows.put(key_, row_);
      held.changed = false;
    }
    changed_.clear();
    if (sums_.size() > kHeldRows) sums_.clear();
    return {};
  }

 private:
  struct Held {
    MovementSums sums;
    bool changed = false;  ///< Changed in this batch.
  };
  using Table = RowTable<ProductThen<typename Each::Stretch>, Held>;
  struct Move {
    typename Table::Number number;
    Units MovementSums::* sum;
    Units units;
  };

  Result<void> read_missing(GlobalPosition position) {
    if (missing_.empty()) return {};
    std::vector<std::string> keys(missing_.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& key = sums_[missing_[i]].key;
      movement_key(key.sku.view(), key.when, keys[i]);
    }
    auto rows = view_.get(std::vector<std::string_view>(keys.begin(), keys.end()));
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*rows)[i]) continue;
      auto& [key, held] = sums_[missing_[i]];
      const auto sums = decode_movements(*(*rows)[i]);
      if (!sums) {
        return std::unexpected(corruption(
            position, "the movements of product " + key.sku.str() + " in " + std::string(Each::kNoun) + " " +
                          std::to_string(key.when.value()) + ": " + sums.error()));
      }
      held.sums = *sums;
    }
    return {};
  }

  const View& view_;
  Table sums_;
  std::vector<Move> moves_;                      ///< Of the commit.
  std::vector<typename Table::Number> missing_;  ///< Not in memory when the commit came.
  std::vector<typename Table::Number> changed_;
  std::string key_;
  std::string row_;
};

template <class Each>
class MovementProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return Each::kView; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<MovementFold<Each>>(view);
  }
};

}  // namespace

const Projection& movement_projection() {
  static const MovementProjection<EachDay> projection;
  return projection;
}

const Projection& quarter_projection() {
  static const MovementProjection<EachQuarter> projection;
  return projection;
}

}  // namespace stockfold
