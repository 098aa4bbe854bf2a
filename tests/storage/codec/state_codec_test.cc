#include "storage/codec/state_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include "storage/generators.h"
#include "storage/golden.h"

namespace stockfold {
namespace {

RC_GTEST_PROP(StateCodec, RoundTripsEveryProduct, ()) {
  const Product product = any::product();
  const auto again = decode_product(encode(product));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == product);
}

RC_GTEST_PROP(StateCodec, RoundTripsEveryOrder, ()) {
  const StoredOrder order = any::stored_order();
  const auto again = decode_order(encode(order));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == order);
}

RC_GTEST_PROP(StateCodec, RoundTripsAllReceiptsOfAnId, ()) {
  const auto positions =
      *rc::gen::nonEmpty(rc::gen::container<std::set<std::uint64_t>>(rc::gen::arbitrary<std::uint64_t>()));
  Receipts receipts;
  std::string row;
  for (const std::uint64_t position : positions) {
    receipts.push_back({any::receipt().body, GlobalPosition(position)});
    append(receipts.back(), row);
  }
  const auto again = decode_receipts(row);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == receipts);
  RC_ASSERT(row.starts_with(encode(receipts.front())));
}

RC_GTEST_PROP(StateCodec, RoundTripsAllMovements, ()) {
  const MovementSums sums = any::movement_sums();
  std::string row;
  encode(sums, row);
  const auto again = decode_movements(row);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == sums);
}

RC_GTEST_PROP(StateCodec, RejectsRowsCutAnywhere, ()) {
  const std::string product = encode(any::product());
  const std::string order = encode(any::stored_order());
  RC_ASSERT(
      !decode_product(product.substr(0, *rc::gen::inRange<std::size_t>(0, product.size()))).has_value());
  RC_ASSERT(!decode_order(order.substr(0, *rc::gen::inRange<std::size_t>(0, order.size()))).has_value());
}

RC_GTEST_PROP(StateCodec, ReencodesArbitraryBytesExactlyOrRejectsThem, (const std::string& bytes)) {
  if (const auto product = decode_product(bytes)) RC_ASSERT(encode(*product) == bytes);
  if (const auto order = decode_order(bytes)) RC_ASSERT(encode(*order) == bytes);
  if (const auto receipts = decode_receipts(bytes)) {
    std::string row;
    for (const Receipt& receipt : *receipts) append(receipt, row);
    RC_ASSERT(row == bytes);
  }
}

TEST(StateCodec, RejectsProductThatTookMoreThanReceived) {
  Product product;
  product.received = 1;
  product.in_progress = 2;
  EXPECT_EQ(decode_product(encode(product)).error(), "a value outside its range");
}

TEST(StateCodec, RejectsBytesAfterARow) {
  EXPECT_EQ(decode_product(encode(Product{}) + '\0').error(), "message: bytes are left over");
}

TEST(StateCodec, LaysOutRowsAsDocumented) {
  Product product;
  product.name = "A";
  product.received = 300;
  product.version = StreamVersion(1);
  product.registered_at = GlobalPosition(2);
  product.changed_at = GlobalPosition(3);
  EXPECT_EQ(encode(product), std::string("\x01"
                                         "A\xAC\x02\x00\x00\x00\x00\x01\x02\x00\x03",
                                         12));
  StoredOrder stored;
  Order& order = stored.order;
  order.status = OrderStatus::in_progress;
  order.lines = {{*Sku::parse("A"), 5}};
  order.version = StreamVersion(2);
  order.changed_at = GlobalPosition(4);
  order.changed_by = "me";
  stored.earlier[0] = GlobalPosition(1);
  EXPECT_EQ(encode(stored), std::string("\x02\x01\x01"
                                        "A\x05\x02\x04\x02me\x03",
                                        11));
  std::string movements;
  encode(MovementSums{.placed = 8, .aborted = 3, .fulfilled = 2, .received = 500, .events = 14}, movements);
  EXPECT_EQ(movements, std::string("\x08\x03\x02\xF4\x03\x00\x0E", 7));
  encode(MovementSums{.received = 5, .events = 2, .counted_down = 7}, movements);
  EXPECT_EQ(movements, std::string("\0\0\0\5\0\2\0\0\7\0\0", 11));
  EXPECT_FALSE(decode_movements(std::string_view("\0\0\0\5\0\2\0\0\0\0\0", 11)));
  EXPECT_FALSE(decode_movements(std::string_view("\0\0\0\5\0\2\0\0\7\0", 10)));
}

// Rows with one receipt are the same as before ids belonged to their callers.
TEST(StateCodec, MatchesGoldenReceiptRows) {
  const auto receipt = [](std::uint8_t body, std::uint64_t position) {
    Receipt of_it{.body = {}, .position = GlobalPosition(position)};
    of_it.body.bytes.fill(body);
    return of_it;
  };
  std::string row = encode(receipt(0xA1, 7));
  expect_golden("views/receipt-1.hex", row);
  append(receipt(0xB2, 300), row);
  append(receipt(0xA1, 301), row);
  expect_golden("views/receipts_of_three_callers-1.hex", row);

  const std::string golden = from_hex(read_bytes(golden_path("views/receipts_of_three_callers-1.hex")));
  EXPECT_EQ(decode_receipts(golden), (Receipts{receipt(0xA1, 7), receipt(0xB2, 300), receipt(0xA1, 301)}));
}

TEST(StateCodec, RejectsReceiptsThatAreEmptyOrDoNotAscend) {
  std::string row = encode(Receipt{.body = {}, .position = GlobalPosition(2)});
  append(Receipt{.body = {}, .position = GlobalPosition(2)}, row);
  EXPECT_EQ(decode_receipts(row).error(), "position: a number out of its range");
  EXPECT_EQ(decode_receipts(row.substr(0, 20)).error(), "body: cut short");
  EXPECT_FALSE(decode_receipts(""));
}

TEST(StateCodec, RejectsOrderWithTooManyEvents) {
  EXPECT_FALSE(
      decode_order(std::string("\x02\x01\x01"
                               "A\x05\x04\x04\x00\x01\x01\x01",
                               11)));
}

TEST(StateCodec, RejectsOrderWhoseEventsDoNotAscend) {
  EXPECT_FALSE(
      decode_order(std::string("\x02\x01\x01"
                               "A\x05\x02\x04\x00\x00",
                               9)));
}

TEST(StateCodec, EncodesOverPreviousContents) {
  std::string bytes = "what was there";
  encode(Receipt{}, bytes);
  EXPECT_EQ(bytes, encode(Receipt{}));
}

}  // namespace
}  // namespace stockfold
