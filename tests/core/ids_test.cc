#include "core/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <unordered_set>

namespace stockfold {
namespace {

TEST(Identifier, AcceptsOneTo64AllowedCharacters) {
  EXPECT_EQ(Sku::parse("AZaz09._:-")->view(), "AZaz09._:-");
  EXPECT_EQ(Sku::parse("x")->view(), "x");
  const std::string longest(64, 'x');
  EXPECT_EQ(Sku::parse(longest)->str(), longest);
}

TEST(Identifier, RejectsOtherCharactersAndLengths) {
  EXPECT_FALSE(Sku::parse(""));
  EXPECT_FALSE(Sku::parse(std::string(65, 'x')));
  for (const char* text : {"a b", "a/b", "a\n", "\xC3\xA9", "a@b", "a[b", "a`b", "a{b", "a;b", "a,b"}) {
    EXPECT_FALSE(Sku::parse(text)) << text;
  }
  EXPECT_FALSE(Sku::parse(std::string_view("a\0b", 3)));
}

TEST(Identifier, IsEmptyByDefault) {
  EXPECT_TRUE(OrderId().empty());
  EXPECT_FALSE(OrderId::parse("1")->empty());
}

TEST(Identifier, ComparesAndHashesLikeItsText) {
  EXPECT_LT(*Sku::parse("A"), *Sku::parse("AA"));
  EXPECT_LT(*Sku::parse("10"), *Sku::parse("9"));
  EXPECT_EQ(*Sku::parse("A"), *Sku::parse("A"));
  EXPECT_EQ(std::unordered_set<Sku>({*Sku::parse("A"), *Sku::parse("A"), *Sku::parse("B")}).size(), 2U);
}

constexpr std::array<std::uint8_t, 16> kUuid{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                             0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

TEST(Uuid, IsWrittenInLowerCase) { EXPECT_EQ(to_uuid(kUuid), "01234567-89ab-cdef-fedc-ba9876543210"); }

TEST(Uuid, IsReadInEitherCase) {
  EXPECT_EQ(parse_uuid("01234567-89ab-cdef-fedc-ba9876543210"), kUuid);
  EXPECT_EQ(parse_uuid("01234567-89AB-CDEF-fedc-BA9876543210"), kUuid);
}

TEST(Uuid, RejectsEveryOtherForm) {
  for (const char* text : {"", "0123456789abcdeffedcba9876543210", "{01234567-89ab-cdef-fedc-ba987654321}",
                           "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
                           "0123456-789ab-cdef-fedc-ba9876543210", "01234567-89ab-cdef-fedc-ba987654321g",
                           "01234567 89ab-cdef-fedc-ba9876543210", "01234567-89ab-cdef-fedc+ba9876543210"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

RC_GTEST_PROP(Uuid, RoundTripsThroughText, (const std::vector<std::uint8_t>& seed)) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(seed.begin(), std::min(seed.size(), bytes.size()), bytes.begin());
  RC_ASSERT(parse_uuid(to_uuid(bytes)) == bytes);
}

TEST(CommandId, RejectsAllZerosAndAllOnes) {
  CommandId id;
  EXPECT_EQ(never_drawn(id), "an id of all zeros was never drawn");
  id.bytes.back() = 1;
  EXPECT_EQ(never_drawn(id), std::nullopt);
  id.bytes.fill(0xFF);
  EXPECT_EQ(never_drawn(id), "an id of all ones was never drawn");
  id.bytes.front() = 0x7F;
  EXPECT_EQ(never_drawn(id), std::nullopt);
}

TEST(CommitHash, IsWrittenInHexadecimal) {
  CommitHash hash;
  hash.bytes.front() = 0xA0;
  hash.bytes.back() = 0x0F;
  EXPECT_EQ(to_hex(hash), "a0" + std::string(60, '0') + "0f");
}

TEST(StreamId, IsWrittenAndReadWithItsKind) {
  EXPECT_EQ(StreamId::of(*OrderId::parse("1")).str(), "order/1");
  EXPECT_EQ(StreamId::of(*Sku::parse("A")).str(), "product/A");
  EXPECT_EQ(StreamId::parse("order/1"), StreamId::of(*OrderId::parse("1")));
  EXPECT_EQ(StreamId::parse("product/A"), StreamId::of(*Sku::parse("A")));
}

TEST(StreamId, RejectsOtherForms) {
  for (const char* text : {"", "order", "order/", "product/", "/1", "orders/1", "Order/1", "order/a/b",
                           "order/ 1", "receipt/1", "product/\xC3\xA9"}) {
    EXPECT_FALSE(StreamId::parse(text)) << text;
  }
  EXPECT_FALSE(StreamId::parse("order/" + std::string(65, '1')));
}

}  // namespace
}  // namespace stockfold
