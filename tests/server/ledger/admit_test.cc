// The first step of a command's ladder.
#include "server/ledger/admit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stockfold {
namespace {

using testing::HasSubstr;

/// What admit() says of a command, or "".
std::string refusal_of(CommandBody body) {
  Command command{.body = std::move(body)};
  const auto failure = admit(command);
  if (!failure) return "";
  EXPECT_EQ(failure->code, ErrorCode::invalid_argument);
  return failure->detail;
}

std::string refusal_of(const std::string& sku) {
  return refusal_of(RegisterProduct{*Sku::parse(sku), "", 0});
}

TEST(Admit, TakesIdsAsShopsHaveThem) {
  for (const std::string sku : {"A", "Schraube M8/40", "T-Shirt rot #3", "M\xC3\xBCtze",
                                "a\xC2\xA0"
                                "b",
                                "..1"}) {
    EXPECT_EQ(refusal_of(sku), "") << sku;
  }
  EXPECT_EQ(refusal_of(std::string(126, 'x') + "\xC3\xBC"), "") << "128 bytes";
}

TEST(Admit, RefusesIdsThatAreNotPrintableOrComposed) {
  EXPECT_THAT(refusal_of("Mu\xCC\x88tze"), HasSubstr("sku must be in Unicode's normal form NFC"));
  EXPECT_THAT(refusal_of("a\xE2\x80\xAEz"), HasSubstr("sku must be printable, and U+202E is"));
  EXPECT_THAT(refusal_of("a\xE2\x80\xA8z"), HasSubstr("sku must be printable, and U+2028 is"));
  EXPECT_THAT(refusal_of("\xC2\xA0z"), HasSubstr("sku must not begin with a blank"));
  EXPECT_THAT(refusal_of("z\xE3\x80\x80"), HasSubstr("sku must not end with a blank"));
}

TEST(Admit, RefusesNewIdsOfDotsAlone) {
  const auto dots = *OrderId::parse("..");
  EXPECT_THAT(refusal_of(".."), HasSubstr("sku must not be made of dots alone"));
  EXPECT_THAT(refusal_of(PlaceOrder{dots, {{*Sku::parse("A"), 1}}}),
              HasSubstr("order must not be made of dots"));
  EXPECT_EQ(refusal_of(AbortOrder{dots, ""}), "") << "an earlier version may have made it";
}

TEST(Admit, RefusesIdsOfLinesBeforeItQuotesThem) {
  const Sku composed = *Sku::parse("Mu\xCC\x88tze");
  EXPECT_THAT(refusal_of(PlaceOrder{std::nullopt, {{composed, 0}}}),
              HasSubstr("lines: a sku must be in Unicode's"));
  EXPECT_THAT(refusal_of(FulfilOrder{*OrderId::parse("a\xC2\xAD"), ""}),
              HasSubstr("order must be printable"));
}

}  // namespace
}  // namespace stockfold
