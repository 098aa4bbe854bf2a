#include "storage/views/order_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "storage/golden.h"

namespace stockfold {
namespace {

using namespace std::string_literals;
using testing::Eq;
using testing::Optional;

constexpr const char* kUuid = "01234567-89ab-cdef-0123-456789abcdef";

std::string row_of(const OrderIds& ids) {
  std::string row = "what was there before";
  ids.encode(row);
  return row;
}

OrderIds example() {
  OrderIds ids;
  for (const std::uint64_t number : {7U, 8U, 9U}) ids.add_number(number);
  ids.add_text("A/1");
  ids.add_text(kUuid);
  ids.add_number(10);
  ids.add_number(300);
  return ids;
}

TEST(OrderIds, FindsIdsByIndexAndNumbersByValue) {
  const std::string row = row_of(example());
  const std::vector<std::string> ids{"7", "8", "9", "A/1", kUuid, "10", "300"};
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(order_id_at(row, i), ids[i]);
  EXPECT_FALSE(order_id_at(row, ids.size()));
  EXPECT_THAT(index_of_number(row, 8).value(), Optional(1U));
  EXPECT_THAT(index_of_number(row, 300).value(), Optional(6U));
  EXPECT_THAT(index_of_number(row, 11).value(), Eq(std::nullopt));
}

TEST(OrderIds, LaysOutIdsAsDocumented) {
  const std::string row = row_of(example());
  EXPECT_EQ(row,
            "\x0C\x07\x0D\x41/1\x06\x01\x23\x45\x67\x89\xAB\xCD\xEF\x01\x23\x45\x67\x89\xAB\xCD\xEF"
            "\x04\x0A\x04\xAC\x02"s);
  expect_golden("views/order_ids-1.hex", row);
}

TEST(OrderIds, KeepsUuidsOfOtherFormsAsText) {
  OrderIds ids;
  ids.add_text("01234567-89AB-CDEF-0123-456789ABCDEF");
  EXPECT_EQ(order_id_at(row_of(ids), 0), "01234567-89AB-CDEF-0123-456789ABCDEF");
}

TEST(OrderIds, TakesFewBytesForManyNumbersInARow) {
  OrderIds ids;
  for (std::uint64_t i = 0; i < kIdPositions; ++i) ids.add_number(100'000'000 + i);
  EXPECT_LE(row_of(ids).size(), 8U);
}

RC_GTEST_PROP(OrderIds, ContinuesWhereItWasEncoded, ()) {
  OrderIds whole;
  OrderIds cut;
  std::vector<std::string> ids;
  std::uint64_t number = *rc::gen::inRange<std::uint64_t>(1, 1'000);
  const auto count = *rc::gen::inRange<std::size_t>(1, kIdPositions + 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (*rc::gen::inRange(0, 4) == 0 && !cut.empty()) cut = OrderIds::decode(row_of(cut)).value();
    if (*rc::gen::inRange(0, 3) == 0) {
      ids.push_back(*rc::gen::element<std::string>("x", "0", kUuid, std::string(128, 'y')));
      whole.add_text(ids.back());
      cut.add_text(ids.back());
    } else {
      number += *rc::gen::element(1U, 1U, 1U, 5U);
      ids.push_back(std::to_string(number));
      whole.add_number(number);
      cut.add_number(number);
      RC_ASSERT(index_of_number(row_of(cut), number).value() == i);
    }
    RC_ASSERT(cut.has_number() == whole.has_number());
  }
  RC_ASSERT(row_of(cut) == row_of(whole));
  for (std::size_t i = 0; i < count; ++i) RC_ASSERT(order_id_at(row_of(whole), i).value() == ids[i]);
}

RC_GTEST_PROP(OrderIds, ReadsArbitraryBytesAsIdsOrRejectsThem, (const std::string& bytes)) {
  if (const auto ids = OrderIds::decode(bytes)) RC_ASSERT(OrderIds::decode(row_of(*ids)).has_value());
}

TEST(OrderIds, RejectsInvalidRows) {
  EXPECT_FALSE(OrderIds::decode(""));
  EXPECT_FALSE(OrderIds::decode("\x00\x07"s)) << "a run of no numbers";
  EXPECT_FALSE(OrderIds::decode("\x04\x00"s)) << "0 is no number of an order";
  EXPECT_FALSE(OrderIds::decode("\x01")) << "an empty id";
  EXPECT_FALSE(OrderIds::decode("\x0D"s + "A")) << "cut short";
  EXPECT_FALSE(OrderIds::decode("\x0A" + std::string(32, 'u'))) << "two UUIDs in one";
  EXPECT_FALSE(OrderIds::decode("\x07")) << "an unknown kind";
  EXPECT_FALSE(OrderIds::decode("\x84\x08\x01"s)) << "more ids than positions";
}

TEST(OrderNumber, IsAPositiveNumberInItsShortestForm) {
  EXPECT_THAT(order_number_in("1"), Optional(1U));
  EXPECT_THAT(order_number_in("18446744073709551615"), Optional(18'446'744'073'709'551'615U));
  for (const char* text : {"0", "01", "-1", "+1", "1a", "", "1 ", "18446744073709551616"}) {
    EXPECT_EQ(order_number_in(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace stockfold
