#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/evolve.h"
#include "projections/all.h"
#include "projections/intervals.h"
#include "projections/row_keys.h"
#include "projections/row_table.h"
#include "storage/codec/state_codec.h"

namespace stockfold {
namespace {

/// Products stay decoded from batch to batch. The products that a commit needs and that are not in memory are
/// read together. If a product was last changed in an earlier interval, that state is kept before the product
/// changes again.
class StockFold final : public Fold {
 public:
  StockFold(const View& view, Intervals intervals) : view_(view), intervals_(intervals) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
    used_.clear();
    missing_.clear();
    for (const RecordedEvent& event : events) {
      for_each_product(event, [&](const Sku& sku, StreamVersion) {
        const auto [number, added] = products_.add(sku);
        if (added) missing_.push_back(number);
        used_.push_back(number);
      });
    }
    if (auto read = read_missing(events.front().position); !read) return read;

    auto used = used_.begin();
    for (const RecordedEvent& event : events) {
      if (event.position > interval_last_) enter_interval_of(event.position);
      Result<void> folded;
      for_each_product(event, [&](const Sku& sku, StreamVersion) {
        const auto number = *used++;
        if (!folded) return;
        Held& held = products_[number].value;
        if (held.product && held.product->changed_at < interval_first_) keep(sku, *held.product, rows);
        folded = evolve(held.product, sku, event);
        if (held.changed) return;
        held.changed = true;
        changed_.push_back(number);
      });
      if (!folded) return folded;
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    for (const auto number : changed_) {
      auto& [sku, held] = products_[number];
      encode(*held.product, row_);
      product_key(sku.view(), key_);
      rows.put(key_, row_);
      held.changed = false;
    }
    changed_.clear();
    if (products_.size() > kHeldRows) products_.clear();
    return {};
  }

 private:
  struct Held {
    std::optional<Product> product;
    bool changed = false;  ///< Changed in this batch.
  };
  using Products = RowTable<Sku, Held>;

  void enter_interval_of(GlobalPosition position) {
    const std::uint64_t interval = intervals_.of(position);
    interval_first_ = intervals_.first(interval);
    interval_last_ = intervals_.last(interval);
  }

  void keep(const Sku& sku, const Product& product, RowChanges& rows) {
    encode(product, row_);
    rows.put(history_key(sku.view(), intervals_.of(product.changed_at)), row_);
  }

  Result<void> read_missing(GlobalPosition position) {
    if (missing_.empty()) return {};
    std::vector<std::string> keys;
    keys.reserve(missing_.size());
    for (const auto number : missing_) keys.push_back(product_key(products_[number].key.view()));
    auto rows = view_.get(std::vector<std::string_view>(keys.begin(), keys.end()));
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*rows)[i]) continue;
      auto& [key, held] = products_[missing_[i]];
      auto product = decode_product(*(*rows)[i]);
      if (!product) {
        return std::unexpected(
            corruption(position, "the row of product " + key.str() + ": " + product.error()));
      }
      held.product = std::move(*product);
    }
    return {};
  }

  const View& view_;
  const Intervals intervals_;
  GlobalPosition interval_first_;  ///< First position of the interval that the fold is in.
  GlobalPosition interval_last_;
  Products products_;
  std::vector<Products::Number> used_;  ///< One for each product of each event of the commit, in this order.
  std::vector<Products::Number> missing_;  ///< Not in memory when the commit came.
  std::vector<Products::Number> changed_;
  std::string key_;
  std::string row_;
};

class StockProjection final : public Projection {
 public:
  explicit StockProjection(Intervals intervals) : intervals_(intervals) {}

  [[nodiscard]] std::string_view name() const override { return "stock"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] bool gates_commands() const override { return true; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<StockFold>(view, intervals_);
  }

 private:
  Intervals intervals_;
};

}  // namespace

const Projection& stock_projection() {
  static const StockProjection projection{Intervals()};
  return projection;
}

std::unique_ptr<const Projection> stock_projection(const Intervals& intervals) {
  return std::make_unique<StockProjection>(intervals);
}

}  // namespace stockfold
