#include "core/evolve.h"
#include "projections/all.h"
#include "storage/state_codec.h"

namespace stockfold {
namespace {

std::expected<std::optional<Product>, Fault> read_product(const ViewBatch& batch, std::string_view sku,
                                                          GlobalPosition position) {
  const auto row = batch.get(sku);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  auto product = decode_product(**row);
  if (product) return std::move(*product);
  return std::unexpected(
      corruption(position, "the row of product " + std::string(sku) + ": " + product.error()));
}

class StockProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "stock"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }

  std::expected<void, Fault> apply(const RecordedEvent& event, ViewBatch& batch) const override {
    for (const auto& [stream, version] : streams_of(event)) {
      if (stream.kind != AggregateKind::product) continue;
      auto product = read_product(batch, stream.id, event.position);
      if (!product) return std::unexpected(product.error());
      const auto evolved = evolve(*product, *Sku::parse(stream.id), event);
      if (!evolved) return evolved;
      batch.put(stream.id, encode(**product));
    }
    return {};
  }
};

}  // namespace

const Projection& stock_projection() {
  static const StockProjection projection;
  return projection;
}

}  // namespace stockfold
