#include "projections/views.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "projections/all.h"
#include "projections/row_keys.h"
#include "projections/row_reads.h"
#include "storage/codec/state_codec.h"
#include "storage/views/posting_block.h"

namespace stockfold {
namespace {

template <class Value>
Result<AsOf<std::optional<Value>>> read_as_of(const View& view, std::string_view key, Decoder<Value> decode) {
  const auto snapshot = view.snapshot();
  auto row = snapshot->get(key);
  if (!row) return std::unexpected(std::move(row.error()));
  auto value = decoded(view, key, *row, decode);
  if (!value) return std::unexpected(std::move(value.error()));
  return AsOf<std::optional<Value>>{std::move(*value), snapshot->checkpoint().position};
}

template <class Value, class Id, class Key>
Result<std::vector<std::optional<Value>>> load_rows(const View& view, std::span<const Id> ids,
                                                    const Key& key_of, Decoder<Value> decode) {
  std::vector<std::string_view> keys;
  keys.reserve(ids.size());
  std::ranges::transform(ids, std::back_inserter(keys), key_of);
  auto rows = view.get(keys);
  if (!rows) return std::unexpected(std::move(rows.error()));

  std::vector<std::optional<Value>> values;
  values.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto value = decoded(view, keys[i], (*rows)[i], decode);
    if (!value) return std::unexpected(std::move(value.error()));
    values.push_back(std::move(*value));
  }
  return values;
}

std::expected<Order, std::string> decode_order_state(std::string_view row) {
  auto stored = decode_order(row);
  if (!stored) return std::unexpected(std::move(stored.error()));
  return std::move(stored->order);
}

std::vector<GlobalPosition> positions_in(const StoredOrder& stored) {
  const auto& [state, earlier] = stored;
  std::vector<GlobalPosition> positions(
      earlier.begin(), earlier.begin() + static_cast<std::ptrdiff_t>(state.version.value() - 1));
  positions.push_back(state.changed_at);
  return positions;
}

std::expected<OrderEvents, std::string> decode_order_events(std::string_view row) {
  auto stored = decode_order(row);
  if (!stored) return std::unexpected(std::move(stored.error()));
  auto positions = positions_in(*stored);
  return OrderEvents{std::move(stored->order), std::move(positions)};
}

/// The blocks of one product's stream at one instant.
class PostingReader {
 public:
  PostingReader(const View& view, std::string_view sku)
      : view_(view), snapshot_(view.snapshot()), sku_(sku) {}

  /// The last block that begins before `from`, or the first block. Positions ascend with blocks: so the
  /// search doubles the number of the block until it is far enough, then halves what is left between.
  [[nodiscard]] Result<std::uint64_t> block_before(GlobalPosition from) const {
    std::uint64_t before = 0;
    std::uint64_t beyond = 1;
    while (true) {
      auto is_before = begins_before(beyond, from);
      if (!is_before) return std::unexpected(std::move(is_before.error()));
      if (!*is_before) break;
      before = beyond;
      beyond *= 2;
    }
    while (beyond - before > 1) {
      const std::uint64_t middle = before + (beyond - before) / 2;
      auto is_before = begins_before(middle, from);
      if (!is_before) return std::unexpected(std::move(is_before.error()));
      (*is_before ? before : beyond) = middle;
    }
    return before;
  }

  /// Positions at or after `from`, starting at a block.
  [[nodiscard]] Result<std::vector<GlobalPosition>> read(std::uint64_t block, GlobalPosition from,
                                                         std::size_t limit) const {
    std::vector<GlobalPosition> positions;
    Result<void> sound;
    bool last = false;  // only the last block of a stream is not full
    const std::string first = key_of(block);
    const std::string_view prefix = std::string_view(first).substr(0, sku_.size() + 1);
    const auto visit = [&](std::string_view key, std::string_view row) {
      if (positions.size() == limit || !key.starts_with(prefix)) return false;
      const auto held = decode_positions(row);
      if (last || !held || key != key_of(block)) {
        sound = damaged_at(block);
        return false;
      }
      for (const GlobalPosition position : *held) {
        if (position >= from && positions.size() < limit) positions.push_back(position);
      }
      last = held->size() < kBlockPositions;
      ++block;
      return true;
    };
    auto scanned = snapshot_->scan(first, visit);
    if (!scanned) return std::unexpected(std::move(scanned.error()));
    if (!sound) return std::unexpected(sound.error());
    return positions;
  }

 private:
  [[nodiscard]] std::string key_of(std::uint64_t block) const {
    std::string key;
    posting_key(sku_, block, key);
    return key;
  }
  [[nodiscard]] std::unexpected<Fault> damaged_at(std::uint64_t block) const {
    return damaged(view_, sku_, "block " + std::to_string(block) + " is missing or damaged");
  }

  /// False if there is no such block.
  [[nodiscard]] Result<bool> begins_before(std::uint64_t block, GlobalPosition from) const {
    auto row = snapshot_->get(key_of(block));
    if (!row) return std::unexpected(std::move(row.error()));
    if (!*row) return false;
    const auto positions = decode_positions(**row);
    if (!positions) return damaged_at(block);
    return positions->front() < from;
  }

  const View& view_;
  const std::unique_ptr<ViewSnapshot> snapshot_;
  const std::string_view sku_;
};

/// Visits the sums of one product from `from` on; `when_in` reads a row's key. Returns the position that they
/// are valid for.
template <class Stretch, class WhenIn, class Visit>
Result<GlobalPosition> scan_movements(const View& view, const Sku& sku, Stretch from, const WhenIn& when_in,
                                      const Visit& visit) {
  const auto snapshot = view.snapshot();
  Result<void> sound;
  std::string first;
  movement_key(sku.view(), from, first);
  const std::string_view prefix = std::string_view(first).substr(0, sku.view().size() + 1);
  auto scanned = snapshot->scan(first, [&](std::string_view key, std::string_view row) {
    if (!key.starts_with(prefix)) return false;
    const auto when = when_in(key, sku.view());
    const auto sums = decode_movements(row);
    if (!when || !sums) {
      sound = damaged(view, sku.view(), when ? sums.error() : "not the key of a row");
      return false;
    }
    return visit(*when, *sums);
  });
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  if (!sound) return std::unexpected(std::move(sound.error()));
  return snapshot->checkpoint().position;
}

}  // namespace

std::span<const Projection* const> all_projections() {
  static const std::array projections{
      &stock_projection(),    &order_projection(),   &receipt_projection(),     &stream_projection(),
      &movement_projection(), &quarter_projection(), &order_index_projection(),
  };
  return projections;
}

const Projection* projection_named(std::string_view name) {
  const auto found = std::ranges::find(all_projections(), name, &Projection::name);
  return found == all_projections().end() ? nullptr : *found;
}

std::vector<std::string> view_names() {
  std::vector<std::string> names;
  for (const Projection* projection : all_projections()) names.emplace_back(projection->name());
  return names;
}

Views::Views(ViewStore& store)
    : stock_(store.view(stock_projection().name())),
      orders_(store.view(order_projection().name())),
      receipts_(store.view(receipt_projection().name())),
      streams_(store.view(stream_projection().name())),
      movements_(store.view(movement_projection().name())),
      quarters_(store.view(quarter_projection().name())) {}

bool OrderFilter::takes(const Order& order) const {
  if (status && order.status != *status) return false;
  return !product || std::ranges::binary_search(order.lines, *product, {}, &Line::sku);
}

Result<AsOf<std::optional<Product>>> Views::product(const Sku& sku) const {
  return read_as_of<Product>(stock_, product_key(sku.view()), decode_product);
}

Result<AsOf<std::optional<Order>>> Views::order(const OrderId& order) const {
  return read_as_of<Order>(orders_, order.view(), decode_order_state);
}

Result<AsOf<std::optional<OrderEvents>>> Views::order_events(const OrderId& order) const {
  return read_as_of<OrderEvents>(orders_, order.view(), decode_order_events);
}

Result<ProductPage> Views::products(const std::optional<Sku>& from, std::size_t limit) const {
  const PageStart start{.prefix = kProductPrefix, .from = from ? from->view() : std::string_view()};
  return read_page<ProductRow, Sku, Product>(
      stock_, start, limit, decode_product,
      [](const Sku&, Product product, std::size_t&) -> Result<std::optional<Product>> { return product; });
}

Result<OrderPage> Views::orders(const std::optional<OrderId>& from, std::size_t limit,
                                const OrderFilter& filter) const {
  const PageStart start{.prefix = {}, .from = from ? from->view() : kFirstOrderKey};
  return read_page<OrderRow, OrderId, Order>(
      orders_, start, limit, decode_order_state,
      [&](const OrderId&, Order order, std::size_t&) -> Result<std::optional<Order>> {
        if (!filter.takes(order)) return std::nullopt;
        return order;
      });
}

Result<std::vector<std::optional<Product>>> Views::load(std::span<const Sku> skus) const {
  std::vector<std::string> keys;
  keys.reserve(skus.size());
  for (const Sku& sku : skus) keys.push_back(product_key(sku.view()));
  const auto view_of = [](const std::string& key) { return std::string_view(key); };
  return load_rows<Product>(stock_, std::span<const std::string>(keys), view_of, decode_product);
}

Result<std::vector<std::optional<Order>>> Views::load(std::span<const OrderId> orders) const {
  return load_rows<Order>(orders_, orders, &OrderId::view, decode_order_state);
}

Result<std::vector<Receipts>> Views::receipts(std::span<const CommandId> ids) const {
  std::vector<std::string_view> keys;
  keys.reserve(ids.size());
  std::ranges::transform(ids, std::back_inserter(keys), receipt_key);
  auto rows = receipts_.get(keys);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Receipts> receipts(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!(*rows)[i]) continue;
    auto decoded = decode_receipts(*(*rows)[i]);
    if (!decoded) return damaged(receipts_, to_uuid(ids[i].bytes), decoded.error());
    receipts[i] = std::move(*decoded);
  }
  return receipts;
}

Result<std::uint64_t> Views::next_order_number() const {
  auto row = orders_.get(kNextOrderKey);
  if (!row) return std::unexpected(std::move(row.error()));
  const std::optional<std::uint64_t> next = next_order_number_in(*row);
  if (!next) return damaged(orders_, "next", "the next order number is damaged");
  return *next;
}

Result<MovementPage> Views::movements(const Sku& sku, Day from, Day to, std::size_t limit) const {
  MovementPage page{{}, {}, {}};
  auto as_of = scan_movements(movements_, sku, from, day_in, [&](Day day, const MovementSums& sums) {
    if (day > to) return false;
    if (page.rows.size() == std::min(limit, kMaxRowsRead)) {
      page.next = day;
      return false;
    }
    page.rows.push_back({day, sums});
    return true;
  });
  if (!as_of) return std::unexpected(std::move(as_of.error()));
  page.as_of = *as_of;
  return page;
}

Result<GlobalPosition> Views::quarters(const Sku& sku, Quarter from,
                                       const std::function<bool(const QuarterMovements&)>& visit) const {
  return scan_movements(quarters_, sku, from, quarter_in,
                        [&](Quarter quarter, const MovementSums& sums) { return visit({quarter, sums}); });
}

Result<std::vector<GlobalPosition>> Views::stream(const StreamId& stream, GlobalPosition from,
                                                  std::size_t limit) const {
  if (stream.kind == AggregateKind::order) return order_stream(stream.id, from, limit);
  const PostingReader reader(streams_, stream.id);
  auto block = reader.block_before(from);
  if (!block) return std::unexpected(std::move(block.error()));
  return reader.read(*block, from, limit);
}

Result<std::vector<GlobalPosition>> Views::order_stream(std::string_view order, GlobalPosition from,
                                                        std::size_t limit) const {
  auto row = orders_.get(order);
  if (!row) return std::unexpected(std::move(row.error()));
  auto stored = decoded<StoredOrder>(orders_, order, *row, decode_order);
  if (!stored) return std::unexpected(std::move(stored.error()));
  std::vector<GlobalPosition> positions;
  if (!*stored) return positions;
  positions = positions_in(**stored);
  std::erase_if(positions, [&](GlobalPosition position) { return position < from; });
  positions.resize(std::min(positions.size(), limit));
  return positions;
}

}  // namespace stockfold
