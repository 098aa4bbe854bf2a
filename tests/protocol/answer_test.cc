#include "protocol/answer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/given.h"
#include "support/ids.h"

namespace stockfold {
namespace {

TEST(ErrorCode, HasTheNameThatIsSent) {
  const std::vector<std::string_view> names{"invalid_argument", "overloaded",   "outcome_unknown",
                                            "view_not_ready",   "unauthorised", "forbidden",
                                            "out_of_space",     "clock_jumped", "batch_refused"};
  const std::vector<int> numbers{14, 15, 16, 17, 18, 19, 20, 21, 42};
  ASSERT_EQ(kAllErrorCodes.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(static_cast<int>(kAllErrorCodes[i]), numbers[i]);
    EXPECT_EQ(name_of(kAllErrorCodes[i]), names[i]);
  }
  EXPECT_EQ(name_of(unlisted<ErrorCode>(13)), "?");
  EXPECT_EQ(name_of(unlisted<ErrorCode>(22)), "?");
}

TEST(ErrorCode, SharesNoNumberWithARule) {
  for (const ErrorCode code : kAllErrorCodes) {
    EXPECT_EQ(name_of(Rule(code)), "?");
    EXPECT_TRUE(is_error_code(static_cast<std::uint8_t>(code)));
  }
  for (int number = 0; number < 256; ++number) {
    const auto byte = static_cast<std::uint8_t>(number);
    EXPECT_EQ(is_error_code(byte), name_of(unlisted<ErrorCode>(byte)) != "?") << number;
  }
}

TEST(Failure, IsToldByItsDetail) {
  EXPECT_EQ(message_of(Failure(ErrorCode::invalid_argument, "sku must not be empty")),
            "sku must not be empty");
  for (int code = 0; code < 256; ++code) {
    const auto any = unlisted<ErrorCode>(static_cast<std::uint8_t>(code));
    EXPECT_EQ(message_of(Failure(any, "the detail")), "the detail");
    EXPECT_NE(message_of(Failure(any, "")), "") << code;
  }
}

TEST(Failure, HasADetailThatIsCutWhereItIsTooLong) {
  EXPECT_EQ(Failure(ErrorCode::overloaded, std::string(2 * kMaxDetailBytes, 'x')).detail,
            std::string(kMaxDetailBytes, 'x'));
}

TEST(Answer, NamesWhyACommandWasNotDone) {
  const Refusal refusal = refuse(Rule::command_id_reused, "used");
  const Contradiction contradiction{.subject = StreamId::of(order_id("7")), .fields = {StateField::status}};
  const Failure failure(ErrorCode::overloaded, "busy");
  EXPECT_EQ(error_name_of({Accepted{}}), "");
  EXPECT_EQ(error_name_of({refusal}), "command_id_reused");
  EXPECT_EQ(error_name_of({contradiction}), "invalid_argument");
  EXPECT_EQ(error_name_of({failure}), "overloaded");
  EXPECT_EQ(message_of(Answer{Accepted{}}), "");
  EXPECT_EQ(message_of(Answer{refusal}), "used");
  EXPECT_EQ(message_of(Answer{contradiction}), "order/7 is not as the request says");
  EXPECT_EQ(message_of(Answer{failure}), "busy");
}

}  // namespace
}  // namespace stockfold
