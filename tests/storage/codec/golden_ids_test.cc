// The bytes of events whose ids are as shops have them.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "storage/codec/event_codec.h"
#include "storage/golden.h"
#include "storage/samples.h"
#include "support/ids.h"

namespace stockfold {
namespace {

std::vector<Sample> samples_with_shop_ids() {
  const Sku screw = sku("Schraube M8/40");
  const Sku cap = sku("M\xC3\xBCtze #3");
  const std::string longest = "128 bytes: " + std::string(114, 'x') + "\xE2\x82\xAC";
  Refusal refusal;
  refusal.rule = Rule::insufficient_stock;
  refusal.subject = StreamId::of(cap);
  refusal.requested = 1;
  std::vector<Sample> all;
  const auto add = [&all](std::string name, std::uint64_t version, Event event) {
    all.push_back(
        {std::move(name),
         {GlobalPosition(all.size() + 1), UnixMillis(0), StreamVersion(version), {}, {}, std::move(event)}});
  };
  add("product_registered_shop_id", 1, ProductRegistered{screw, "", 5});
  add("stock_received_longest_id", 2, StockReceived{sku(longest), 1, 1, ""});
  add("order_placed_shop_ids", 1,
      OrderPlaced{order_id("2026/7 & 8"), {{cap, 1, 0, StreamVersion(2)}, {screw, 2, 3, StreamVersion(2)}}});
  add("command_refused_shop_id", 0, CommandRefused{CommandKind::place_order, refusal});
  return all;
}

TEST(GoldenIds, AreThoseOfTheFiles) {
  for (const Sample& sample : samples_with_shop_ids()) {
    SCOPED_TRACE(sample.name);
    const std::string golden = "events/" + sample.name + "-1.hex";
    std::string bytes;
    encode_event(sample.recorded, bytes);
    expect_golden(golden, bytes);

    const std::string read = from_hex(read_bytes(golden_path(golden)));
    std::string_view rest = read;
    const auto event = decode_event(rest, sample.recorded.position, sample.recorded.time);
    ASSERT_TRUE(event) << event.error().what;
    EXPECT_EQ(*event, sample.recorded);
    EXPECT_TRUE(rest.empty());
  }
}

}  // namespace
}  // namespace stockfold
