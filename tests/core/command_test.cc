#include "core/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>

#include "core/given.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

std::optional<std::string> wrong_with(CommandBody body) {
  return malformation({std::move(body), ExpectedVersion::any(), std::nullopt, "alice"});
}

Lines many_lines(std::size_t count) {
  Lines lines;
  for (std::size_t i = 0; i < count; ++i) lines.push_back(line("P" + std::to_string(100'000 + i), 1));
  return lines;
}

TEST(Normalize, SortsLinesAndSumsPerProduct) {
  EXPECT_EQ(normalise({line("B", 1), line("A", 2), line("B", 3)}), Lines({line("A", 2), line("B", 4)}));
}

TEST(Normalize, AcceptsEmptyLines) { EXPECT_EQ(normalise({}), Lines()); }

TEST(Normalize, AcceptsSumOfExactlyTheMaximum) {
  EXPECT_EQ(normalise({line("A", kMaxQuantity - 1), line("A", 1)}), Lines({line("A", kMaxQuantity)}));
}

TEST(Normalize, NamesProductWhoseSumIsTooLarge) {
  const auto sum = normalise({line("A", 1), line("B", kMaxQuantity), line("B", 1)});
  ASSERT_FALSE(sum);
  EXPECT_THAT(sum.error(), HasSubstr("B"));
}

TEST(Normalize, RejectsSumThatWouldOverflow) {
  EXPECT_FALSE(normalise({line("A", kMaxQuantity), line("A", kMaxQuantity), line("A", 3)}));
  EXPECT_FALSE(normalise({line("A", 0xFFFFFFFF), line("A", 2)}));
  EXPECT_FALSE(normalise({line("A", 2), line("A", 0xFFFFFFFF)}));
}

TEST(Normalize, NamesProductWithZeroQuantity) {
  const auto none = normalise({line("A", 1), line("A", 0)});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error(), HasSubstr("A"));
}

TEST(Normalize, CountsProductsNotLines) {
  const Lines once = many_lines(kMaxLines);
  Lines twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  EXPECT_EQ(normalise(twice)->size(), kMaxLines);
  EXPECT_FALSE(normalise(many_lines(kMaxLines + 1)));
}

RC_GTEST_PROP(Normalize, KeepsEverySumAndMakesLinesWellFormed, ()) {
  const auto asked = *rc::gen::container<std::vector<std::pair<char, Quantity>>>(
      rc::gen::pair(rc::gen::inRange('A', 'F'), rc::gen::inRange<Quantity>(1, 10)));
  Lines lines;
  std::map<Sku, Quantity> sums;
  for (const auto& [product, quantity] : asked) {
    lines.push_back(line(std::string(1, product), quantity));
    sums[lines.back().sku] += quantity;
  }
  const auto normal = normalise(lines);
  RC_ASSERT(normal.has_value());
  RC_ASSERT(normal->size() == sums.size());
  for (const Line& sum : *normal) RC_ASSERT(sums.at(sum.sku) == sum.quantity);
  RC_ASSERT(normal->empty() || !wrong_with(PlaceOrder{order_id("1"), *normal}));
  RC_ASSERT(normalise(*normal).value() == *normal);
}

TEST(Malformation, ReportsNothingForWellFormedCommands) {
  for (const CommandBody& body :
       {registered("A", 0), registered("A", kMaxUnits), received("A", 1), received("A", kMaxQuantity),
        written_off("A", 1), retired("A"), drafted("1", {line("A", 1)}),
        placed("1", {line("A", 1), line("B", 1)}), placed_draft("1"), aborted("1"), fulfilled("1"),
        CommandBody(DraftOrder{std::nullopt, {line("A", 1)}}),
        CommandBody(PlaceOrder{std::nullopt, {line("A", 1)}}), placed("1", many_lines(kMaxLines))}) {
    EXPECT_EQ(wrong_with(body), std::nullopt) << name_of(kind_of(body));
  }
}

TEST(Malformation, ReportsEmptyId) {
  EXPECT_THAT(wrong_with(RegisterProduct{{}, "", 1}), Optional(StartsWith("sku")));
  EXPECT_THAT(wrong_with(ReceiveStock{{}, 1, ""}), Optional(StartsWith("sku")));
  EXPECT_THAT(wrong_with(WriteOffStock{{}, 1, ""}), Optional(StartsWith("sku")));
  EXPECT_THAT(wrong_with(RetireProduct{}), Optional(StartsWith("sku")));
  EXPECT_THAT(wrong_with(DraftOrder{OrderId(), {line("A", 1)}}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(PlaceOrder{OrderId(), {line("A", 1)}}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(PlaceOrder{OrderId(), {}}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(AbortOrder{}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(FulfilOrder{}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(placed("1", {Line{Sku(), 1}})), Optional(StartsWith("lines")));
}

TEST(Malformation, ReportsQuantityOutOfRange) {
  for (const Quantity quantity : {Quantity{0}, kMaxQuantity + 1}) {
    EXPECT_THAT(wrong_with(received("A", quantity)), Optional(StartsWith("quantity")));
    EXPECT_THAT(wrong_with(written_off("A", quantity)), Optional(StartsWith("quantity")));
    EXPECT_THAT(wrong_with(placed("1", {line("A", 1), line("B", quantity)})), Optional(HasSubstr("B")));
    EXPECT_THAT(wrong_with(drafted("1", {line("A", quantity)})), Optional(HasSubstr("A")));
  }
}

TEST(Malformation, ReportsStockAboveMaximum) {
  EXPECT_THAT(wrong_with(registered("A", kMaxUnits + 1)), Optional(StartsWith("stock")));
}

TEST(Malformation, ReportsLinesThatAreNotNormalized) {
  EXPECT_THAT(wrong_with(placed("1", {line("B", 1), line("A", 1)})), Optional(StartsWith("lines")));
  EXPECT_THAT(wrong_with(placed("1", {line("A", 1), line("A", 1)})), Optional(StartsWith("lines")));
  EXPECT_THAT(wrong_with(drafted("1", {line("B", 1), line("A", 1)})), Optional(StartsWith("lines")));
  EXPECT_THAT(wrong_with(placed("1", many_lines(kMaxLines + 1))), Optional(StartsWith("lines")));
}

TEST(Malformation, ReportsOrderWithoutLinesOrId) {
  EXPECT_THAT(wrong_with(PlaceOrder{std::nullopt, {}}), Optional(StartsWith("order")));
  EXPECT_THAT(wrong_with(drafted("1", {})), Optional(StartsWith("lines")));
}

TEST(Malformation, ReportsTextThatIsTooLong) {
  const auto text = [](std::size_t size) { return std::string(size, 'x'); };
  EXPECT_EQ(wrong_with(RegisterProduct{sku("A"), text(kMaxNameBytes), 1}), std::nullopt);
  EXPECT_THAT(wrong_with(RegisterProduct{sku("A"), text(kMaxNameBytes + 1), 1}),
              Optional(StartsWith("name")));
  EXPECT_EQ(wrong_with(AbortOrder{order_id("1"), text(kMaxReasonBytes)}), std::nullopt);
  EXPECT_THAT(wrong_with(AbortOrder{order_id("1"), text(kMaxReasonBytes + 1)}),
              Optional(StartsWith("reason")));
  EXPECT_EQ(malformation({retired("A"), {}, {}, text(kMaxActorBytes)}), std::nullopt);
  EXPECT_THAT(malformation({retired("A"), {}, {}, text(kMaxActorBytes + 1)}), Optional(StartsWith("actor")));
}

TEST(Malformation, ChecksEveryTextField) {
  const std::string bad = "\xFF";
  EXPECT_THAT(wrong_with(RegisterProduct{sku("A"), bad, 1}), Optional(StartsWith("name")));
  EXPECT_THAT(wrong_with(ReceiveStock{sku("A"), 1, bad}), Optional(StartsWith("reason")));
  EXPECT_THAT(wrong_with(WriteOffStock{sku("A"), 1, bad}), Optional(StartsWith("reason")));
  EXPECT_THAT(wrong_with(AbortOrder{order_id("1"), bad}), Optional(StartsWith("reason")));
  EXPECT_THAT(wrong_with(FulfilOrder{order_id("1"), bad}), Optional(StartsWith("reason")));
  EXPECT_THAT(malformation({retired("A"), {}, {}, bad}), Optional(StartsWith("actor")));
}

std::optional<std::string> wrong_with_reason(std::string_view reason) {
  return wrong_with(AbortOrder{order_id("1"), std::string(reason)});
}

TEST(Malformation, AcceptsUtf8SequencesOfAnyLength) {
  for (const char* text :
       {"", " ", "plain ~\x7F", "caf\xC3\xA9", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(wrong_with_reason(text), std::nullopt) << text;
  }
}

TEST(Malformation, ReportsInvalidUtf8) {
  for (const char* text : {"\x80",
                           "\xBF",
                           "\xC0\x80",
                           "\xC1\xBF",
                           "\xC2",
                           "\xC2x",
                           "\xC2\xC2",
                           "\xE0\x9F\xBF",
                           "\xE0\xA0",
                           "\xE1\x80x",
                           "\xED\xA0\x80",
                           "\xED\xBF\xBF",
                           "\xF0\x8F\xBF\xBF",
                           "\xF0\x90\x80",
                           "\xF1\x80\x80x",
                           "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80",
                           "\xFE",
                           "\xFF",
                           "ok\xC3"}) {
    EXPECT_THAT(wrong_with_reason(text), Optional(HasSubstr("UTF-8")));
  }
}

TEST(Malformation, ReportsEveryControlCharacter) {
  for (char c = 0; c < 0x20; ++c) {
    EXPECT_THAT(wrong_with_reason(std::string("a") + c), Optional(HasSubstr("control"))) << int{c};
  }
}

TEST(CommandKind, HasStableNumberAndName) {
  const std::vector<std::pair<CommandBody, std::string_view>> all{
      {RegisterProduct(), "RegisterProduct"}, {ReceiveStock(), "ReceiveStock"},
      {WriteOffStock(), "WriteOffStock"},     {RetireProduct(), "RetireProduct"},
      {DraftOrder(), "DraftOrder"},           {PlaceOrder(), "PlaceOrder"},
      {AbortOrder(), "AbortOrder"},           {FulfilOrder(), "FulfilOrder"}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kind_of(all[i].first)), i + 1);
    EXPECT_EQ(name_of(kind_of(all[i].first)), all[i].second);
  }
  EXPECT_EQ(name_of(unlisted<CommandKind>(0)), "?");
  EXPECT_EQ(name_of(unlisted<CommandKind>(9)), "?");
}

TEST(NewId, IsRejectedWhenMadeOfDotsAlone) {
  for (const std::string dots : {".", "..", "..."}) {
    EXPECT_THAT(new_id_malformation(registered(dots, 1)), Optional(StartsWith("sku"))) << dots;
    EXPECT_THAT(new_id_malformation(drafted(dots, {line("A", 1)})), Optional(StartsWith("order"))) << dots;
    EXPECT_THAT(new_id_malformation(placed(dots, {line("A", 1)})), Optional(StartsWith("order"))) << dots;
  }
  EXPECT_EQ(new_id_malformation(registered("a.", 1)), std::nullopt);
  EXPECT_EQ(new_id_malformation(placed("..1", {line("A", 1)})), std::nullopt);
  EXPECT_EQ(new_id_malformation(PlaceOrder{std::nullopt, {line("A", 1)}}), std::nullopt);
}

/// Logs contain these ids, so orders with them must remain usable.
TEST(NewId, RuleDoesNotApplyToExistingIds) {
  for (const CommandBody& body : {received("..", 1), written_off("..", 1), retired(".."), placed_draft(".."),
                                  aborted(".."), fulfilled(".."), placed("7", {line("..", 1)})}) {
    EXPECT_EQ(new_id_malformation(body), std::nullopt) << name_of(kind_of(body));
    EXPECT_EQ(wrong_with(body), std::nullopt) << name_of(kind_of(body));
  }
  EXPECT_EQ(wrong_with(registered("..", 1)), std::nullopt) << "as events are looked at";
}

}  // namespace
}  // namespace stockfold
