#include "tools/console/exit_code.h"

#include <gtest/gtest.h>

#include "tools/console/ask.h"
#include "tools/load/bench.h"

namespace stockfold {
namespace {

TEST(ExitCode, FollowsTheKindOfRule) {
  for (int number = 1; number <= 11; ++number) EXPECT_EQ(exit_code_of(Rule(number)), kRefused) << number;
  EXPECT_EQ(exit_code_of(Rule::command_id_reused), kRefused);
  EXPECT_EQ(exit_code_of(Rule::version_conflict), kConflict);
  EXPECT_EQ(exit_code_of(ErrorCode::invalid_argument), kUsage);
  EXPECT_EQ(exit_code_of(ErrorCode::batch_refused), kRefused);
  for (const ErrorCode code : kAllErrorCodes) {
    if (code == ErrorCode::invalid_argument || code == ErrorCode::batch_refused) continue;
    EXPECT_EQ(exit_code_of(code), kFailed) << name_of(code);
  }
}

TEST(ExitCode, RanksStockMismatchAboveErrors) {
  BenchResult result;
  EXPECT_EQ(exit_code_of(result), kDone);
  result.errors = 1;
  EXPECT_EQ(exit_code_of(result), kFailed);
  result.verified = Verification{};
  EXPECT_EQ(exit_code_of(result), kFailed);
  result.verified->stock_mismatches = 1;
  EXPECT_EQ(exit_code_of(result), kUntrusted);
  result.verified = Verification{.order_mismatches = 1};
  EXPECT_EQ(exit_code_of(result), kUntrusted);
}

TEST(CommandOutput, LostConnectionLeavesStdoutEmptyUnderJson) {
  CallOptions call;
  call.json = true;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(tell(call, ClientError{ClientErrorKind::unreachable, "no connection", {}}), kFailed);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "stockfold: no connection\n");
}

TEST(CommandOutput, UnknownOrderIsARefusal) {
  CallOptions call;
  testing::internal::CaptureStderr();
  EXPECT_EQ(tell_unknown(call, StreamId{AggregateKind::order, "1"}), kRefused);
  EXPECT_EQ(testing::internal::GetCapturedStderr().substr(0, 9), "refused: ");

  call.json = true;
  testing::internal::CaptureStdout();
  EXPECT_EQ(tell_unknown(call, StreamId{AggregateKind::order, "1"}), kRefused);
  EXPECT_EQ(testing::internal::GetCapturedStdout().substr(0, 37), R"({"ok":false,"error":"unknown_order",")");
}

TEST(CommandOutput, MalformedCommandIsUsageErrorAndNeverSent) {
  CallOptions call;
  call.json = true;
  testing::internal::CaptureStdout();
  EXPECT_EQ(send(call, {}, PlaceOrder{}), kUsage);
  EXPECT_EQ(testing::internal::GetCapturedStdout().substr(0, 40),
            R"({"ok":false,"error":"invalid_argument",")");
}

}  // namespace
}  // namespace stockfold
