#include "tools/console/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stockfold {
namespace {

using ::testing::HasSubstr;
using Address = std::pair<std::string, std::uint16_t>;

std::string error_of(std::string_view text) {
  const auto address = parse_address(text);
  return address ? "nothing is wrong" : address.error();
}

TEST(Address, ParsesHostAndPort) {
  EXPECT_EQ(parse_address("127.0.0.1:7070"), Address("127.0.0.1", 7070));
  EXPECT_EQ(parse_address("ledger.example:1"), Address("ledger.example", 1));
  EXPECT_EQ(parse_address("localhost:65535"), Address("localhost", 65535));
  EXPECT_EQ(parse_address("localhost:0"), Address("localhost", 0));
}

TEST(Address, RequiresBracketsAroundIpv6) {
  EXPECT_EQ(parse_address("[::1]:7070"), Address("::1", 7070));
  EXPECT_THAT(error_of("::1:7070"), HasSubstr("needs brackets"));
}

TEST(Address, ReportsMissingPort) {
  for (const char* text : {"", "localhost", "[::1]"})
    EXPECT_THAT(error_of(text), HasSubstr("has no port")) << text;
}

TEST(Address, ReportsMissingHost) {
  for (const char* text : {":7070", "[]:7070"}) EXPECT_THAT(error_of(text), HasSubstr("has no host")) << text;
}

TEST(Address, RefusesPortOutOfRange) {
  for (const char* text : {"a:", "a:65536", "a:-1", "a:+1", "a: 1", "a:1x", "a:x"}) {
    EXPECT_THAT(error_of(text), HasSubstr("no port from 0 to 65535")) << text;
  }
}

}  // namespace
}  // namespace stockfold
