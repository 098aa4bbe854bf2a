#include "storage/codec/event_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <variant>

#include "storage/generators.h"
#include "storage/golden.h"
#include "storage/samples.h"

namespace stockfold {
namespace {

constexpr GlobalPosition kPosition(7);
constexpr UnixMillis kTime(1'234);

std::string encoded(const RecordedEvent& event) {
  std::string bytes;
  encode_event(event, bytes);
  return bytes;
}

Result<RecordedEvent> decoded(std::string_view bytes) { return decode_event(bytes, kPosition, kTime); }

RecordedEvent received(Quantity quantity) {
  RecordedEvent recorded;
  recorded.position = kPosition;
  recorded.time = kTime;
  recorded.version = StreamVersion(1);
  recorded.event = StockReceived{*Sku::parse("A"), quantity, 9, ""};
  return recorded;
}

// The bytes of received(1): size, type, version, flags, stream version, sku size, sku, quantity, stock after,
// reason size.
const std::string kReceived{
    "\x09\x02\x01\x00\x01\x01"
    "A"
    "\x01\x09\x00",
    10};

RC_GTEST_PROP(EventCodec, RoundTripsEveryEvent, ()) {
  const RecordedEvent event = any::recorded(kPosition, kTime);
  const std::string bytes = encoded(event);
  std::string_view rest = bytes;
  const auto again = decode_event(rest, kPosition, kTime);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == event);
  RC_ASSERT(rest.empty());
}

RC_GTEST_PROP(EventCodec, LeavesBytesAfterTheEvent, ()) {
  const std::string first = encoded(any::recorded(kPosition, kTime));
  const std::string both = first + encoded(any::recorded(kPosition, kTime));
  std::string_view rest = both;
  RC_ASSERT(decode_event(rest, kPosition, kTime).has_value());
  RC_ASSERT(rest == std::string_view(both).substr(first.size()));
}

RC_GTEST_PROP(EventCodec, RejectsEventCutAnywhere, ()) {
  const std::string bytes = encoded(any::recorded(kPosition, kTime));
  const auto size = *rc::gen::inRange<std::size_t>(0, bytes.size());
  const auto cut = decoded(std::string_view(bytes).substr(0, size));
  RC_ASSERT(!cut.has_value());
  RC_ASSERT(cut.error().kind == FaultKind::corruption);
  RC_ASSERT(cut.error().position == kPosition);
}

// One encoding for one event: bytes that decode at all encode to the same bytes, so a record has only one
// reading.
RC_GTEST_PROP(EventCodec, ReencodesDamagedEventExactlyOrRejectsIt, ()) {
  std::string bytes = encoded(any::recorded(kPosition, kTime));
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << *rc::gen::inRange(0, 8)));
  std::string_view rest = bytes;
  const auto event = decode_event(rest, kPosition, kTime);
  if (event) RC_ASSERT(encoded(*event) == bytes.substr(0, bytes.size() - rest.size()));
}

RC_GTEST_PROP(EventCodec, ReencodesArbitraryBytesExactlyOrRejectsThem, (const std::string& bytes)) {
  std::string_view rest = bytes;
  const auto event = decode_event(rest, kPosition, kTime);
  if (event) RC_ASSERT(encoded(*event) == bytes.substr(0, bytes.size() - rest.size()));
}

TEST(EventCodec, RoundTripsOrderOfMaximumLines) {
  OrderPlaced placed{*OrderId::parse("1"), {}};
  for (int i = 1000; i < 2000; ++i) {
    placed.lines.push_back(
        {*Sku::parse("SKU-" + std::to_string(i)), kMaxQuantity, kMaxUnits, StreamVersion(1)});
  }
  RecordedEvent recorded = received(1);
  recorded.event = placed;
  const auto again = decoded(encoded(recorded));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, recorded);
}

TEST(EventCodec, LaysOutEventAsDocumented) { EXPECT_EQ(as_hex(encoded(received(1))), as_hex(kReceived)); }

struct Damage {
  std::string name;
  std::size_t at;
  char byte;
};
class DamagedEvent : public testing::TestWithParam<Damage> {};

TEST_P(DamagedEvent, IsCorruptionAtItsPosition) {
  std::string bytes = kReceived;
  bytes[GetParam().at] = GetParam().byte;
  const auto event = decoded(bytes);
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, FaultKind::corruption);
  EXPECT_EQ(event.error().position, kPosition);
  EXPECT_NE(event.error().what.find("event 7"), std::string::npos) << event.error().what;
}

INSTANTIATE_TEST_SUITE_P(EventCodec, DamagedEvent,
                         testing::Values(Damage{"unknown_flags", 3, '\x04'},
                                         Damage{"an_event_of_no_version", 4, '\0'}, Damage{"no_sku", 5, '\0'},
                                         Damage{"a_sku_with_a_space", 6, ' '},
                                         Damage{"a_quantity_of_nothing", 7, '\0'},
                                         Damage{"a_text_beyond_the_end", 9, '\x01'},
                                         Damage{"a_size_that_leaves_bytes_over", 0, '\x0A'},
                                         Damage{"a_size_too_small", 0, '\x08'}),
                         [](const auto& with) { return with.param.name; });

TEST(EventCodec, ReportsNewerFormatForUnknownType) {
  std::string bytes = kReceived;
  bytes[1] = 10;
  const auto event = decoded(bytes);
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, FaultKind::newer_format);
  EXPECT_NE(event.error().what.find("type 10, version 1"), std::string::npos) << event.error().what;
}

TEST(EventCodec, ReportsNewerFormatForUnknownVersion) {
  std::string bytes = kReceived;
  bytes[2] = 2;
  const auto event = decoded(bytes);
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().kind, FaultKind::newer_format);
  EXPECT_NE(event.error().what.find("type 2, version 2"), std::string::npos) << event.error().what;
}

TEST(EventCodec, RejectsLinesThatDoNotAscend) {
  RecordedEvent recorded = received(1);
  recorded.event = OrderDrafted{*OrderId::parse("1"), {{*Sku::parse("A"), 1}, {*Sku::parse("B"), 1}}};
  std::string bytes = encoded(recorded);
  bytes[bytes.find('B')] = 'A';
  EXPECT_FALSE(decoded(bytes));
}

TEST(EventCodec, RejectsNumberWithNeedlessBytes) {
  // A quantity of 1 in two bytes.
  const std::string bytes(
      "\x0A\x02\x01\x00\x01\x01"
      "A"
      "\x81\x00\x09\x00",
      11);
  EXPECT_FALSE(decoded(bytes));
}

TEST(EventCodec, MatchesGoldenFiles) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    const std::string golden = "events/" + sample.name + "-1.hex";
    expect_golden(golden, encoded(sample.recorded));

    const std::string bytes = from_hex(read_bytes(golden_path(golden)));
    std::string_view rest = bytes;
    const auto event = decode_event(rest, sample.recorded.position, sample.recorded.time);
    ASSERT_TRUE(event) << event.error().what;
    EXPECT_EQ(*event, sample.recorded);
  }
}

TEST(EventCodec, HasGoldenFileForEveryType) {
  std::set<EventType> seen;
  for (const Sample& sample : samples()) seen.insert(type_of(sample.recorded.event));
  EXPECT_EQ(seen.size(), std::variant_size_v<Event>);
}

}  // namespace
}  // namespace stockfold
