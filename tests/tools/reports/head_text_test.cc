#include "tools/reports/head_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stockfold {
namespace {

using testing::HasSubstr;

SignedHead a_signed_head() {
  SignedHead signed_head;
  signed_head.head.ledger.bytes.fill(0x1A);
  signed_head.head.epoch = Epoch(2);
  signed_head.head.position = GlobalPosition(UINT64_MAX);
  signed_head.head.hash.bytes.fill(0xC3);
  signed_head.head.time = UnixMillis(1'767'323'045'678);
  signed_head.key.bytes.fill(0x07);
  signed_head.signature.bytes.fill(0xFE);
  return signed_head;
}

/// The text of a_signed_head() with one piece of it replaced.
std::string with(const std::string& piece, const std::string& replacement) {
  std::string text = json_of(a_signed_head());
  return text.replace(text.find(piece), piece.size(), replacement);
}

TEST(SignedHeadText, IsOneJsonObjectOnOneLine) {
  const std::string text = json_of(a_signed_head());
  EXPECT_THAT(text, HasSubstr("\"ledger\":\"1a1a1a1a-1a1a-1a1a-1a1a-1a1a1a1a1a1a\",\"epoch\":2,"));
  EXPECT_THAT(text, HasSubstr("\"position\":18446744073709551615,\"hash\":\"c3c3"));
  EXPECT_THAT(text, HasSubstr("\"time\":\"2026-01-02T03:04:05.678Z\",\"key\":\"0707"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(SignedHeadText, ReadsBackAsWritten) {
  const auto read = parse_signed_head(json_of(a_signed_head()) + "\n");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, a_signed_head());
}

TEST(SignedHeadText, AcceptsExtraFields) {
  EXPECT_TRUE(parse_signed_head(with("{", "{\"note\": \"kept by anna\", ")));
}

TEST(SignedHeadText, NamesTheWrongField) {
  EXPECT_EQ(parse_signed_head("").error(), "it is no JSON object");
  EXPECT_EQ(parse_signed_head("[1]").error(), "it is no JSON object");
  EXPECT_EQ(parse_signed_head("{}").error(), "its field \"ledger\" is missing or malformed");
  EXPECT_EQ(parse_signed_head(with("\"epoch\":2", "\"epoch\":-2")).error(),
            "its field \"epoch\" is missing or malformed");
  EXPECT_EQ(parse_signed_head(with("18446744073709551615", "1.5")).error(),
            "its field \"position\" is missing or malformed");
  EXPECT_EQ(parse_signed_head(with("\"hash\":\"c3", "\"hash\":\"")).error(),
            "its field \"hash\" is missing or malformed");
  EXPECT_EQ(parse_signed_head(with("2026-01-02", "2026-02-30")).error(),
            "its field \"time\" is missing or malformed");
  EXPECT_EQ(parse_signed_head(with("fefe", "feFE")).error(),
            "its field \"signature\" is missing or malformed");
}

}  // namespace
}  // namespace stockfold
