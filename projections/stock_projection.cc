#include <optional>
#include <string>
#include <vector>

#include "core/evolve.h"
#include "projections/all.h"
#include "projections/row_table.h"
#include "storage/state_codec.h"

namespace stockfold {
namespace {

/// Products stay decoded from batch to batch. Those of a commit that are not yet here are read together.
class StockFold final : public Fold {
 public:
  explicit StockFold(const View& view) : view_(view) {}

  std::expected<void, Fault> apply(std::span<const RecordedEvent> events, RowChanges& /*rows*/) override {
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
      std::expected<void, Fault> folded;
      for_each_product(event, [&](const Sku& sku, StreamVersion) {
        const auto number = *used++;
        if (!folded) return;
        Held& held = products_[number].value;
        folded = evolve(held.product, sku, event);
        if (held.changed) return;
        held.changed = true;
        changed_.push_back(number);
      });
      if (!folded) return folded;
    }
    return {};
  }

  std::expected<void, Fault> finish(RowChanges& rows) override {
    for (const auto number : changed_) {
      auto& [sku, held] = products_[number];
      encode(*held.product, row_);
      rows.put(sku.view(), row_);
      held.changed = false;
    }
    changed_.clear();
    if (products_.size() > kHeldRows) products_.clear();
    return {};
  }

 private:
  struct Held {
    std::optional<Product> product;
    bool changed = false;  ///< In this batch.
  };
  using Products = RowTable<Sku, Held>;

  std::expected<void, Fault> read_missing(GlobalPosition position) {
    if (missing_.empty()) return {};
    std::vector<std::string_view> keys;
    keys.reserve(missing_.size());
    for (const auto number : missing_) keys.push_back(products_[number].key.view());
    const auto rows = view_.get(keys);
    if (!rows) return std::unexpected(rows.error());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*rows)[i]) continue;
      auto product = decode_product(*(*rows)[i]);
      if (!product) {
        return std::unexpected(
            corruption(position, "the row of product " + std::string(keys[i]) + ": " + product.error()));
      }
      products_[missing_[i]].value.product = std::move(*product);
    }
    return {};
  }

  const View& view_;
  Products products_;
  std::vector<Products::Number> used_;     ///< Of each product of each event of the commit, in this order.
  std::vector<Products::Number> missing_;  ///< Were not here when the commit came.
  std::vector<Products::Number> changed_;
  std::string row_;
};

class StockProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "stock"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<StockFold>(view);
  }
};

}  // namespace

const Projection& stock_projection() {
  static const StockProjection projection;
  return projection;
}

}  // namespace stockfold
