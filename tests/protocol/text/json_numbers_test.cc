#include "protocol/text/json_numbers.h"

#include <gtest/gtest.h>

#include <string>

namespace stockfold {
namespace {

TEST(WholeDigits, ExpandEveryNotationOfAWholeNumber) {
  const struct {
    std::string number;
    std::string digits;
  } kCases[] = {
      {"2", "2"},
      {"0", "0"},
      {"2.0", "2"},
      {"2.000", "2"},
      {"2e0", "2"},
      {"2E+3", "2000"},
      {"2.5e1", "25"},
      {"2500e-2", "25"},
      {"0.0", "0"},
      {"0e9", "0"},
      {"0.5e1", "5"},
      {"18446744073709551615.0", "18446744073709551615"},
      {"9007199254740993.0", "9007199254740993"},
      {"1e19", "10000000000000000000"},
  };
  for (const auto& [number, digits] : kCases) EXPECT_EQ(whole_digits(number), digits) << number;
}

TEST(WholeDigits, AreEmptyForOtherNumbers) {
  for (const std::string number : {"",
                                   "1.5",
                                   "1e-1",
                                   "1e20",
                                   "1e400",
                                   "1e999999999999",
                                   "1.",
                                   ".5",
                                   "01",
                                   "01.0",
                                   "-2.0",
                                   "+2",
                                   "2e",
                                   "2e+",
                                   "2.0.0",
                                   "2x",
                                   "1.00000000000000000001",
                                   "1e+-1",
                                   "100e+-2",
                                   "e1",
                                   "1e--1",
                                   "1_0",
                                   " 1"}) {
    EXPECT_EQ(whole_digits(number), "") << number;
  }
}

TEST(WithWholeNumbers, RewritesOnlyWholeNumbers) {
  const struct {
    std::string json;
    std::string whole;
  } kCases[] = {
      {R"({"a":2.0,"b":[2e0,1.5,-3.0]})", R"({"a":2,"b":[2,1.5,-3]})"},
      {R"({"2.0":"2.0 \" 2.0","x":"\\"})", R"({"2.0":"2.0 \" 2.0","x":"\\"})"},
      {R"({"a":01.0,"b":1.,"c":1e400})", R"({"a":01.0,"b":1.,"c":1e400})"},
      {R"({"a":2.0)", R"({"a":2)"},
      {R"("2.0)", R"("2.0)"},
      {R"("\)", R"("\)"},
      {"tru1.0", "tru1"},
      {"", ""},
  };
  for (const auto& [json, whole] : kCases) {
    EXPECT_EQ(with_whole_numbers(json).value_or(json), whole) << json;
    EXPECT_EQ(with_whole_numbers(json).has_value(), json != whole) << json;
  }
}

}  // namespace
}  // namespace stockfold
