#include "storage/samples.h"

#include <xxhash.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "storage/codec/big_endian.h"
#include "support/ids.h"

namespace stockfold {
namespace {

constexpr UnixMillis kSampleTime(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z

template <class Raw>
Raw counting_from(std::uint8_t start) {
  Raw raw;
  for (std::uint8_t& byte : raw.bytes) byte = start++;
  return raw;
}

CommandIdentity identity() { return {counting_from<CommandId>(0x10), counting_from<BodyHash>(0xA0)}; }

Refusal sample_refusal() {
  Product pear;
  pear.name = "Birne, süß";
  pear.received = 300;
  pear.written_off = 1;
  pear.in_progress = 2;
  pear.fulfilled = 3;
  pear.version = StreamVersion(4);
  pear.registered_at = GlobalPosition(2);
  pear.changed_at = GlobalPosition(7);
  Refusal refusal;
  refusal.rule = Rule::insufficient_stock;
  refusal.subject = StreamId::of(sku("PEAR"));
  refusal.state = pear;
  refusal.obstacle = GlobalPosition(7);
  refusal.expected = ExpectedVersion::exactly(StreamVersion(4));
  refusal.actual = StreamVersion(4);
  refusal.requested = kMaxQuantity;
  return refusal;
}

Refusal order_refusal() {
  Order state;
  state.status = OrderStatus::fulfilled;
  state.lines = {{sku("APPLE"), 1}};
  state.version = StreamVersion(2);
  state.changed_at = GlobalPosition(9);
  state.changed_by = "packer";
  Refusal refusal;
  refusal.rule = Rule::order_already_fulfilled;
  refusal.subject = StreamId::of(order_id("1"));
  refusal.state = state;
  refusal.obstacle = GlobalPosition(9);
  refusal.actual = StreamVersion(2);
  refusal.detail = "detail";
  return refusal;
}

}  // namespace

std::vector<Sample> samples() {
  std::vector<Sample> all;
  const auto add = [&all](std::string name, std::uint64_t version, Event event,
                          std::optional<CommandIdentity> who = std::nullopt, std::string actor = {}) {
    all.push_back({std::move(name),
                   {GlobalPosition(all.size() + 1), kSampleTime, StreamVersion(version), who,
                    std::move(actor), std::move(event)}});
  };
  const StockedLine apples{sku("APPLE"), 1, 4, StreamVersion(2)};
  const StockedLine pears{sku("PEAR"), 200, 100, StreamVersion(300)};

  add("product_registered", 1, ProductRegistered{sku("APPLE"), "Apple", 5});
  add("product_registered_identified", 1, ProductRegistered{sku("PEAR"), "Birne, süß", kMaxUnits}, identity(),
      "buyer");
  add("stock_received", 2, StockReceived{sku("PEAR"), kMaxQuantity, 300, "delivery 17"}, identity());
  add("stock_written_off", 3, StockWrittenOff{sku("PEAR"), 1, 299, ""}, std::nullopt, "warehouse");
  add("order_drafted", 1, OrderDrafted{order_id("a.b_c:d-1"), {{sku("APPLE"), 1}, {sku("PEAR"), 200}}},
      identity(), "shop");
  add("order_placed", 1, OrderPlaced{order_id("1"), {apples, pears}}, identity(), "shop");
  add("order_aborted", 2, OrderAborted{order_id("1"), false, {apples, pears}, "customer"}, identity(),
      "shop");
  add("order_aborted_draft", 2,
      OrderAborted{order_id("a.b_c:d-1"), true, {{sku("APPLE"), 1, 0, StreamVersion(0)}}, ""});
  add("order_fulfilled", 2, OrderFulfilled{order_id("1"), {apples}, "sent"}, identity(), "packer");
  add("product_retired", 5, ProductRetired{sku("APPLE"), 4}, identity(), "buyer");
  add("command_refused_product", 0, CommandRefused{CommandKind::place_order, sample_refusal()}, identity(),
      "shop");
  add("command_refused_order", 0, CommandRefused{CommandKind::abort_order, order_refusal()}, identity());
  return all;
}

std::string ledger_record_of_version(std::uint32_t version) {
  std::string bytes;
  append_big_endian(bytes, version);
  bytes += "what that program alone knows of";
  append_big_endian(bytes, std::uint64_t{XXH3_64bits(bytes.data(), bytes.size())});
  return bytes;
}

Commit commit_after(GlobalPosition expected, std::size_t count, UnixMillis time) {
  Commit commit;
  commit.time = time;
  for (std::size_t i = 1; i <= count; ++i) {
    RecordedEvent recorded;
    recorded.position = expected.plus(i);
    recorded.time = time;
    recorded.version = StreamVersion(i);
    recorded.event =
        StockReceived{sku("APPLE"), static_cast<Quantity>(i), 7, "of " + std::to_string(expected.value())};
    commit.events.push_back(std::move(recorded));
  }
  return commit;
}

}  // namespace stockfold
