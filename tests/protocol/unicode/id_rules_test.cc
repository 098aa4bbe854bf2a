// What ids of commands must be that needs the tables of Unicode.
#include "protocol/unicode/id_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace stockfold {
namespace {

using testing::Optional;
using testing::StrEq;

TEST(IdRules, AcceptIdsAsShopsHaveThem) {
  for (const std::string id :
       {"1", "Schraube M8/40", "T-Shirt rot #3", "A&B+C=D", "100 %", "M\xC3\xBCtze",
        "Gr\xC3\xB6\xC3\x9F"
        "e 42\xC2\xBD",
        "\xE2\x82\xAC 5", "\xE5\x8D\x97\xE7\x93\x9C", "\xEA\xB0\x80", "\xF0\x9F\x91\x95",
        "a\xC2\xA0"
        "b",
        "..", "\xE2\x98\x95\xEF\xB8\x8F"}) {
    EXPECT_EQ(id_malformation(id), std::nullopt) << id;
  }
}

TEST(IdRules, NameTheCharacterThatIsNotPrintable) {
  const struct {
    std::string id;
    std::string wrong;
  } kCases[] = {
      {"a\xC2\x85", "must be printable, and U+0085 is a control character"},
      {"a\xC2\xAD-b", "must be printable, and U+00AD is a format character"},
      {"a\xE2\x80\x8B", "must be printable, and U+200B is a format character"},
      {"a\xE2\x80\xAE"
       "b",
       "must be printable, and U+202E is a format character"},
      {"a\xE2\x81\xA6"
       "b",
       "must be printable, and U+2066 is a format character"},
      {"\xEF\xBB\xBF"
       "a",
       "must be printable, and U+FEFF is a format character"},
      {"a\xE2\x80\xA8"
       "b",
       "must be printable, and U+2028 is a line separator"},
      {"a\xE2\x80\xA9", "must be printable, and U+2029 is a paragraph separator"},
      {"a\xEE\x80\x80", "must be printable, and U+E000 is a private character"},
      {"a\xEF\xBF\xBE", "must be printable, and U+FFFE is not assigned"},
      {"\xCD\xB8", "must be printable, and U+0378 is not assigned"},
      {"\xF3\xA0\x80\x81", "must be printable, and U+E0001 is a format character"},
      {"\xF4\x80\x80\x80", "must be printable, and U+100000 is a private character"},
  };
  for (const auto& [id, wrong] : kCases) EXPECT_THAT(id_malformation(id), Optional(StrEq(wrong)));
}

TEST(IdRules, RejectABlankAtEitherEnd) {
  for (const std::string blank : {"\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80"}) {
    EXPECT_THAT(id_malformation(blank + "a"), Optional(StrEq("must not begin with a blank")));
    EXPECT_THAT(id_malformation("a" + blank), Optional(StrEq("must not end with a blank")));
    EXPECT_THAT(id_malformation(blank), Optional(StrEq("must not begin with a blank")));
    EXPECT_EQ(id_malformation("a" + blank + "b"), std::nullopt);
  }
}

TEST(IdRules, RejectOtherNormalForms) {
  for (const std::string id :
       {"Mu\xCC\x88tze", "\xE2\x84\xAB", "\xE1\x84\x80\xE1\x85\xA1", "a\xCC\x81\xCC\xA3", "\xEF\xA4\x80"}) {
    EXPECT_THAT(id_malformation(id),
                Optional(StrEq("must be in Unicode's normal form NFC, which is composed")))
        << id;
  }
}

TEST(IdRules, NameTheArgumentOfTheCommand) {
  const std::string wrong =
      "a\xE2\x80\xAE"
      "b";
  const Sku sku = *Sku::parse(wrong);
  const OrderId order = *OrderId::parse(wrong);
  const Lines lines{{*Sku::parse("A"), 1}, {sku, 1}};
  const std::string is = " must be printable, and U+202E is a format character";
  for (const CommandBody& body :
       {CommandBody(RegisterProduct{sku, "", 0}), CommandBody(ReceiveStock{sku, 1, ""}),
        CommandBody(WriteOffStock{sku, 1, ""}), CommandBody(RetireProduct{sku})}) {
    EXPECT_THAT(id_malformation(body), Optional(StrEq("sku" + is)));
  }
  for (const CommandBody& body : {CommandBody(DraftOrder{order, lines}), CommandBody(PlaceOrder{order, {}}),
                                  CommandBody(AbortOrder{order, ""}), CommandBody(FulfilOrder{order, ""})}) {
    EXPECT_THAT(id_malformation(body), Optional(StrEq("order" + is)));
  }
  EXPECT_THAT(id_malformation(PlaceOrder{std::nullopt, lines}), Optional(StrEq("lines: a sku" + is)));
  EXPECT_THAT(id_malformation(DraftOrder{*OrderId::parse("7"), lines}), Optional(StrEq("lines: a sku" + is)));
  EXPECT_EQ(id_malformation(PlaceOrder{std::nullopt, {{*Sku::parse("M\xC3\xBCtze"), 1}}}), std::nullopt);
}

/// Any code points, as UTF-8.
std::string any_text() {
  const auto points = *rc::gen::container<std::u32string>(
      rc::gen::weightedOneOf<char32_t>({{1, rc::gen::inRange<char32_t>(0x20, 0x250)},
                                        {1, rc::gen::inRange<char32_t>(0x300, 0x370)},
                                        {1, rc::gen::inRange<char32_t>(0x1100, 0x3400)},
                                        {1, rc::gen::inRange<char32_t>(0xF900, 0x110000)}}));
  std::string text;
  for (const char32_t point : points) {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text.append({static_cast<char>(0xC0 | point >> 6), tail(0)});
    } else if (point < 0x10000) {
      text.append({static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)});
    } else {
      text.append({static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)});
    }
  }
  return text;
}

RC_GTEST_PROP(IdRules, JudgeAnyIdentifier, ()) {
  const std::string text = any_text();
  RC_PRE(is_identifier(text));
  const auto wrong = id_malformation(text);
  RC_CLASSIFY(!wrong.has_value(), "accepted");
  RC_ASSERT(id_malformation(PlaceOrder{std::nullopt, {{*Sku::parse(text), 1}}}).has_value() ==
            wrong.has_value());
}

}  // namespace
}  // namespace stockfold
