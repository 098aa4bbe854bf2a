#include "core/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace stockfold {
namespace {

TEST(Identifier, AcceptsIdsAsShopsHaveThem) {
  for (const char* text : {"x", "AZaz09._:-", "Schraube M8/40", "T-Shirt rot #3", "A&B", "1+1", "a=b",
                           "100 %", "\"5\" Rohr\"", "M\xC3\xBCtze", "\xE2\x82\xAC", "\xF0\x9F\x91\x95",
                           "a\xC2\xA0"
                           "b",
                           ".", "..", "/", "-"}) {
    EXPECT_EQ(Sku::parse(text).value_or(Sku()).view(), text);
  }
}

TEST(Identifier, AcceptsOneTo128Bytes) {
  const std::string longest(128, 'x');
  EXPECT_EQ(Sku::parse(longest)->str(), longest);
  EXPECT_FALSE(Sku::parse(""));
  EXPECT_FALSE(Sku::parse(longest + "x"));
  EXPECT_FALSE(Sku::parse(std::string(127, 'x') + "\xC3\xA9"));
}

TEST(Identifier, RejectsControlCharacters) {
  std::string padded(40, 'x');
  for (unsigned code = 0; code < 0x20; ++code) {
    padded[17] = static_cast<char>(code);
    EXPECT_FALSE(Sku::parse(padded)) << code;
    EXPECT_FALSE(Sku::parse(std::string{'a', static_cast<char>(code), 'b'})) << code;
  }
  EXPECT_FALSE(Sku::parse("a\x7F"));
  for (unsigned code = 0x80; code < 0xA0; ++code) {
    EXPECT_FALSE(Sku::parse(std::string{'a', '\xC2', static_cast<char>(code)})) << code;
  }
  EXPECT_TRUE(Sku::parse("a\xC3\x80")) << "a second byte like that of a control character";
}

TEST(Identifier, RejectsASpaceAtEitherEnd) {
  for (const char* text : {" ", " a", "a ", " a b ", " \xC3\xA9", "\xC3\xA9 "}) {
    EXPECT_FALSE(Sku::parse(text)) << '"' << text << '"';
  }
}

TEST(Identifier, RejectsWhatIsNotUtf8) {
  for (const char* text : {"\x80", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(Sku::parse(text));
  }
}

TEST(Identifier, IsUnchangedByTextThatIsNone) {
  Sku sku = *Sku::parse("A");
  EXPECT_FALSE(sku.assign("a\nb"));
  EXPECT_FALSE(sku.assign(std::string(129, 'x')));
  EXPECT_EQ(sku.view(), "A");
}

TEST(Identifier, IsEmptyByDefault) {
  EXPECT_TRUE(OrderId().empty());
  EXPECT_FALSE(OrderId::parse("1")->empty());
  EXPECT_EQ(OrderId(), OrderId());
  EXPECT_NE(OrderId(), *OrderId::parse("1"));
}

TEST(Identifier, ComparesAndHashesLikeItsText) {
  EXPECT_LT(*Sku::parse("A"), *Sku::parse("AA"));
  EXPECT_LT(*Sku::parse("10"), *Sku::parse("9"));
  EXPECT_LT(*Sku::parse("Z"), *Sku::parse("\xC3\x84"));
  EXPECT_EQ(*Sku::parse("A"), *Sku::parse("A"));
  EXPECT_EQ(std::unordered_set<Sku>({*Sku::parse("A"), *Sku::parse("A"), *Sku::parse("B")}).size(), 2U);
}

/// Short and long ones, and some that differ only at their end.
std::string any_id() {
  static const std::vector<std::string> pieces = {"a", "b", "Z",        "0",           ".",
                                                  "/", "#", "\xC3\xBC", "\xE2\x82\xAC"};
  const auto size = *rc::gen::weightedOneOf<std::size_t>(
      {{3, rc::gen::inRange<std::size_t>(1, 40)}, {1, rc::gen::element<std::size_t>(31, 32, 127, 128)}});
  std::string id(size, 'x');
  const std::string end = *rc::gen::elementOf(pieces);
  return end.size() > size ? id : id.replace(size - end.size(), end.size(), end);
}

RC_GTEST_PROP(Identifier, ReadsBackItsText, ()) {
  const std::string text = any_id();
  const auto id = OrderId::parse(text);
  RC_ASSERT(id.has_value());
  RC_ASSERT(id->view() == text);
  RC_ASSERT(id->str() == text);
  RC_ASSERT(!id->empty());
  RC_ASSERT(id->heap_bytes() == (text.size() > OrderId::kInlineBytes ? text.size() : 0));
}

RC_GTEST_PROP(Identifier, OrdersAndHashesAsStringsDo, ()) {
  const std::string a = any_id();
  const std::string b = any_id();
  const auto id_a = *OrderId::parse(a);
  const auto id_b = *OrderId::parse(b);
  RC_ASSERT((id_a == id_b) == (a == b));
  RC_ASSERT((id_a <=> id_b) == (a <=> b));
  RC_ASSERT(std::hash<OrderId>{}(id_a) == std::hash<std::string>{}(a));
  RC_ASSERT(id_a == *OrderId::parse(a));
}

RC_GTEST_PROP(Identifier, KeepsItsTextThroughCopiesAndMoves, ()) {
  std::vector<std::string> texts(4);
  std::vector<OrderId> ids(4);
  const auto steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    const auto to = *rc::gen::inRange<std::size_t>(0, ids.size());
    const auto from = *rc::gen::inRange<std::size_t>(0, ids.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        texts[to] = any_id();
        RC_ASSERT(ids[to].assign(texts[to]));
        break;
      case 1:
        texts[to] = texts[from];
        ids[to] = ids[from];
        break;
      case 2:
        if (to == from) break;
        texts[to] = std::exchange(texts[from], "");
        ids[to] = std::move(ids[from]);
        break;
      case 3:
        texts.push_back(texts[from]);
        ids.push_back(OrderId(ids[from]));
        break;
      case 4:
        std::swap(texts[to], texts[from]);
        std::swap(ids[to], ids[from]);
        break;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) RC_ASSERT(ids[i].view() == texts[i]);
  }
}

RC_GTEST_PROP(PrintableAscii, IsWhatEveryByteIs, (std::string text)) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 70);
  for (char& c : text) c = static_cast<char>(c & 0x7F);
  const bool has_control = std::ranges::any_of(text, [](char c) { return c < 0x20 || c == 0x7F; });
  RC_ASSERT(is_printable_ascii(text) == !has_control);

  std::string one_other(size, *rc::gen::element(' ', 'a', '~'));
  RC_ASSERT(is_printable_ascii(one_other));
  if (size == 0) return;
  const auto at = *rc::gen::inRange<std::size_t>(0, size);
  one_other[at] = *rc::gen::element('\0', '\x1F', '\x7F', '\x80', '\xA0', '\xFF');
  RC_ASSERT(!is_printable_ascii(one_other));
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

TEST(StreamId, TakesWhateverFollowsTheFirstSlashAsTheId) {
  for (const char* id : {"a/b", "/", "/x/", "order/1", "Schraube M8/40", "M\xC3\xBCtze"}) {
    EXPECT_EQ(StreamId::parse("product/" + std::string(id)), StreamId::of(*Sku::parse(id))) << id;
    EXPECT_EQ(StreamId::of(*OrderId::parse(id)).str(), "order/" + std::string(id));
  }
}

TEST(StreamId, RejectsOtherForms) {
  for (const char* text : {"", "order", "order/", "product/", "/1", "orders/1", "Order/1", "order/ 1",
                           "receipt/1", "product/a\n"}) {
    EXPECT_FALSE(StreamId::parse(text)) << text;
  }
  EXPECT_FALSE(StreamId::parse("order/" + std::string(129, '1')));
}

}  // namespace
}  // namespace stockfold
