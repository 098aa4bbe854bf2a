#include "storage/codec/body_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "storage/golden.h"

namespace stockfold {
namespace {

std::string raw(const BodyHash& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

struct Sent {
  std::string name;
  CommandBody body;
  ExpectedVersion expected;
};

std::vector<Sent> every_kind_of_command() {
  const Sku apple = *Sku::parse("APPLE");
  const Sku pear = *Sku::parse("PEAR");
  const OrderId order = *OrderId::parse("17");
  const auto any = ExpectedVersion::any();
  return {{"register_product", RegisterProduct{apple, "Apple", 5}, any},
          {"receive_stock", ReceiveStock{apple, 300, "delivery"}, any},
          {"write_off_stock", WriteOffStock{apple, 300, "delivery"}, any},
          {"retire_product", RetireProduct{apple}, any},
          {"retire_product_new", RetireProduct{apple}, ExpectedVersion::no_stream()},
          {"retire_product_expected", RetireProduct{apple}, ExpectedVersion::exactly(StreamVersion(300))},
          {"draft_order", DraftOrder{order, {{apple, 1}, {pear, 2}}}, any},
          {"draft_order_unnamed", DraftOrder{std::nullopt, {{apple, 1}, {pear, 2}}}, any},
          {"place_order", PlaceOrder{order, {{apple, 1}, {pear, 2}}}, any},
          {"place_order_unnamed", PlaceOrder{std::nullopt, {{apple, 1}, {pear, 2}}}, any},
          {"place_draft", PlaceOrder{order, {}}, any},
          {"abort_order", AbortOrder{order, "customer"}, any},
          {"fulfil_order", FulfilOrder{order, "customer"}, any}};
}

TEST(BodyHash, MatchesGoldenFiles) {
  for (const Sent& sent : every_kind_of_command()) {
    SCOPED_TRACE(sent.name);
    expect_golden("events/body_hash_" + sent.name + ".hex", raw(body_hash(sent.body, sent.expected)));
  }
}

TEST(BodyHash, DiffersForEveryKindOfCommand) {
  std::set<BodyHash> seen;
  for (const Sent& sent : every_kind_of_command()) {
    EXPECT_TRUE(seen.insert(body_hash(sent.body, sent.expected)).second) << sent.name;
  }
}

TEST(BodyHash, DistinguishesGreatestVersionFromAny) {
  const RetireProduct retire{*Sku::parse("A")};
  const StreamVersion greatest(std::numeric_limits<StreamVersion::rep>::max());
  EXPECT_NE(body_hash(retire, ExpectedVersion::exactly(greatest)), body_hash(retire, ExpectedVersion::any()));
}

// Computed with another program: printf 'stockfold body 1\0\4\0\1A' | sha256sum
TEST(BodyHash, IsPrefixOfSha256OverDocumentedBytes) {
  EXPECT_EQ(as_hex(raw(body_hash(RetireProduct{*Sku::parse("A")}, ExpectedVersion::any()))),
            "79c359d539c521443e49d5ff1d59ba77\n");
}

TEST(DrawnId, OfLedgerIsRandomUuidWithoutRepeats) {
  std::set<LedgerId> seen;
  for (int i = 0; i < 1'000; ++i) {
    const LedgerId id = draw_ledger_id();
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_EQ(id.bytes[6] >> 4, 4) << to_uuid(id.bytes);
    EXPECT_EQ(id.bytes[8] >> 6, 2) << to_uuid(id.bytes);
  }
}

TEST(DrawnId, OfCommandAscendsWithClockWithoutRepeats) {
  std::set<CommandId> seen;
  std::array<std::uint8_t, 6> milliseconds{};
  for (int i = 0; i < 1'000; ++i) {
    const CommandId id = draw_command_id();
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_EQ(id.bytes[6] >> 4, 7) << to_uuid(id.bytes);
    EXPECT_EQ(id.bytes[8] >> 6, 2) << to_uuid(id.bytes);
    std::array<std::uint8_t, 6> later{};
    std::ranges::copy_n(id.bytes.begin(), 6, later.begin());
    EXPECT_LE(milliseconds, later);
    milliseconds = later;
  }
  EXPECT_GT(milliseconds[0] << 8 | milliseconds[1], 0x0195) << "2025 has begun";
}

}  // namespace
}  // namespace stockfold
