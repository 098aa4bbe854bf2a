#include "projections/past.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/evolve.h"
#include "projections/all.h"
#include "projections/event_reader.h"
#include "projections/row_keys.h"
#include "projections/row_reads.h"
#include "storage/codec/state_codec.h"

namespace stockfold {
namespace {

/// Looking up one event takes about as long as reading this many in sequence.
constexpr std::uint64_t kEventsALookUp = 64;
/// How many visits of a page an order counts for, beyond its row, if it must be folded: its events are looked
/// up.
constexpr std::size_t kVisitsAFold = 9;

/// Products at an earlier state, to be folded forward.
using Earlier = std::unordered_map<Sku, std::optional<Product>>;

/// The product after its last change before an interval; nothing if there was none. The product must have
/// changed in this interval or later, so that its earlier state is kept.
Result<std::optional<Product>> product_before(const View& stock, const ViewSnapshot& snapshot, const Sku& sku,
                                              std::uint64_t interval) {
  if (interval == 0) return std::nullopt;
  const std::string from = history_key(sku.view(), interval - 1);
  const std::string_view of_product = std::string_view(from).substr(0, from.size() - sizeof(interval));
  Result<std::optional<Product>> product;
  const auto visit = [&](std::string_view key, std::string_view row) {
    if (!key.starts_with(of_product)) return false;
    auto kept = decode_product(row);
    if (kept) {
      product = std::move(*kept);
    } else {
      product = damaged(stock, "of the past of " + sku.str(), kept.error());
    }
    return false;
  };
  if (auto scanned = snapshot.scan(from, visit); !scanned) return std::unexpected(std::move(scanned.error()));
  return product;
}

Result<void> fold_in(Earlier& earlier, const RecordedEvent& event) {
  Result<void> folded;
  for_each_product(event, [&](const Sku& sku, StreamVersion) {
    const auto product = earlier.find(sku);
    if (folded && product != earlier.end()) folded = evolve(product->second, sku, event);
  });
  return folded;
}

/// The positions of these products' events in [from, at], ascending; nothing if there are more than `most`.
Result<std::optional<std::vector<GlobalPosition>>> find_events(const Views& views, const Earlier& earlier,
                                                               GlobalPosition from, GlobalPosition at,
                                                               std::size_t most) {
  std::vector<GlobalPosition> found;
  for (const auto& [sku, product] : earlier) {
    auto positions = views.stream(StreamId::of(sku), from, most - found.size() + 1);
    if (!positions) return std::unexpected(std::move(positions.error()));
    const auto beyond = std::ranges::upper_bound(*positions, at);
    found.insert(found.end(), positions->begin(), beyond);
    if (found.size() > most) return std::nullopt;
  }
  std::ranges::sort(found);
  const auto same = std::ranges::unique(found);
  found.erase(same.begin(), same.end());
  return found;
}

Result<void> fold_each(Earlier& earlier, const EventLog& log, const std::vector<GlobalPosition>& positions) {
  EventReader events(log);
  for (const GlobalPosition position : positions) {
    auto event = events.read(position);
    if (!event) return std::unexpected(std::move(event.error()));
    if (auto folded = fold_in(earlier, **event); !folded) return folded;
  }
  return {};
}

Result<void> fold_all(Earlier& earlier, const EventLog& log, GlobalPosition from, GlobalPosition at) {
  const auto cursor = log.read(from);
  while (from <= at) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) {
      return std::unexpected(corruption(
          from, "the views hold the events up to " + std::to_string(at.value()) + ", the log does not"));
    }
    for (const RecordedEvent& event : (*commit)->events) {
      if (event.position < from) continue;
      if (event.position > at) break;
      if (auto folded = fold_in(earlier, event); !folded) return folded;
    }
    from = (*commit)->last().next();
  }
  return {};
}

/// Folds in the events of [from, at], in whichever way reads less.
Result<void> fold(Earlier& earlier, const Views& views, const EventLog& log, GlobalPosition from,
                  GlobalPosition at) {
  const std::size_t most = (at.value() - from.value() + 1) / kEventsALookUp;
  if (earlier.size() > most) return fold_all(earlier, log, from, at);
  auto positions = find_events(views, earlier, from, at, most);
  if (!positions) return std::unexpected(std::move(positions.error()));
  return *positions ? fold_each(earlier, log, **positions) : fold_all(earlier, log, from, at);
}

/// The state at `at` of an order that changed later.
Result<std::optional<Order>> fold_order(const OrderId& id, const StoredOrder& stored, GlobalPosition at,
                                        EventReader& events) {
  std::optional<Order> order;
  const std::size_t earlier = stored.order.version.value() - 1;
  for (std::size_t i = 0; i < earlier && stored.earlier[i] <= at; ++i) {
    auto event = events.read(stored.earlier[i]);
    if (!event) return std::unexpected(std::move(event.error()));
    if (auto folded = evolve(order, id, **event); !folded) return std::unexpected(std::move(folded.error()));
  }
  return order;
}

}  // namespace

Past::Past(ViewStore& store, const EventLog& log, const Intervals& intervals)
    : stock_(store.view(stock_projection().name())),
      orders_(store.view(order_projection().name())),
      views_(store),
      log_(log),
      intervals_(intervals) {}

Result<std::optional<Product>> Past::product(const Sku& sku, GlobalPosition at) const {
  auto now = views_.product(sku);
  if (!now) return std::unexpected(std::move(now.error()));
  if (!now->state || now->state->registered_at > at) return std::nullopt;
  ProductRow row{sku, std::move(*now->state)};
  if (auto was = rewind({&row, 1}, at); !was) return std::unexpected(std::move(was.error()));
  return std::move(row.product);
}

Result<ProductPage> Past::products(const std::optional<Sku>& from, std::size_t limit,
                                   GlobalPosition at) const {
  const PageStart start{.prefix = kProductPrefix, .from = from ? from->view() : std::string_view()};
  const auto take = [at](const Sku&, Product now, std::size_t&) {
    return Result<std::optional<Product>>(now.registered_at > at ? std::nullopt
                                                                 : std::optional(std::move(now)));
  };
  auto page = read_page<ProductRow, Sku, Product>(stock_, start, limit, decode_product, take);
  if (!page) return page;
  if (auto was = rewind(page->rows, at); !was) return std::unexpected(std::move(was.error()));
  page->as_of = at;
  return page;
}

/// `rows` hold the present state of products that were registered by `at`.
Result<void> Past::rewind(std::span<ProductRow> rows, GlobalPosition at) const {
  Earlier earlier;
  const auto snapshot = stock_.snapshot();
  for (const auto& [sku, now] : rows) {
    if (now.changed_at <= at) continue;
    auto before = product_before(stock_, *snapshot, sku, intervals_.of(at));
    if (!before) return std::unexpected(std::move(before.error()));
    earlier.emplace(sku, std::move(*before));
  }
  if (earlier.empty()) return {};

  const GlobalPosition from = intervals_.first(intervals_.of(at));
  if (auto folded = fold(earlier, views_, log_, from, at); !folded) return folded;
  for (auto& [sku, product] : rows) {
    const auto was = earlier.find(sku);
    if (was == earlier.end()) continue;
    if (!was->second) {
      return std::unexpected(
          corruption(product.registered_at, "product " + sku.str() + " is registered, but by no event here"));
    }
    product = std::move(*was->second);
  }
  return {};
}

Result<std::optional<Order>> Past::order(const OrderId& id, GlobalPosition at) const {
  auto row = orders_.get(id.view());
  if (!row) return std::unexpected(std::move(row.error()));
  auto stored = decoded<StoredOrder>(orders_, id.view(), *row, decode_order);
  if (!stored) return std::unexpected(std::move(stored.error()));
  if (!*stored) return std::nullopt;
  if ((*stored)->order.changed_at <= at) return std::move((*stored)->order);
  EventReader events(log_);
  return fold_order(id, **stored, at, events);
}

Result<std::optional<OrderEvents>> Past::order_events(const OrderId& id, GlobalPosition at) const {
  auto found = views_.order_events(id);
  if (!found) return std::unexpected(std::move(found.error()));
  auto& events = found->state;
  if (!events || events->order.changed_at <= at) return std::move(events);
  auto was = order(id, at);
  if (!was) return std::unexpected(std::move(was.error()));
  if (!*was) return std::nullopt;
  std::erase_if(events->positions, [&](GlobalPosition position) { return position > at; });
  events->order = **std::move(was);
  return std::move(events);
}

Result<OrderPage> Past::orders(const std::optional<OrderId>& from, std::size_t limit,
                               const OrderFilter& filter, GlobalPosition at) const {
  const PageStart start{.prefix = {}, .from = from ? from->view() : kFirstOrderKey};
  const OrderFilter by_product{.status = {}, .product = filter.product};  // an order's lines never change
  EventReader events(log_);
  const auto take = [&](const OrderId& id, StoredOrder stored,
                        std::size_t& visits) -> Result<std::optional<Order>> {
    if (first_event(stored) > at || !by_product.takes(stored.order)) return std::nullopt;
    if (stored.order.changed_at > at) {
      visits += kVisitsAFold;
      auto was = fold_order(id, stored, at, events);
      if (!was) return was;
      stored.order = *std::move(*was);
    }
    if (!filter.takes(stored.order)) return std::nullopt;
    return std::move(stored.order);
  };
  auto page = read_page<OrderRow, OrderId, StoredOrder>(orders_, start, limit, decode_order, take);
  if (page) page->as_of = at;
  return page;
}

}  // namespace stockfold
