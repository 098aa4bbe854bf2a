#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tools/load/bench.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::Not;

BenchResult result_of_a_run() {
  BenchResult result;
  result.products = 1;
  result.connections = 64;
  result.depth = 1;
  result.seed = 7;
  result.seconds = 8;
  result.ops = 600'004;
  result.latency = {.mean = 1, .p50 = 0.8125, .p90 = 1.5, .p99 = 2, .p999 = 12.5, .p9999 = 20, .max = 21};
  result.service = result.latency;
  result.actions = {{Action::place, 300'002, result.latency, result.service},
                    {Action::abort, 300'002, result.latency, result.service}};
  result.slowest_second_ops = 70'000;
  result.longest_gap_ms = 3.25;
  result.lines_per_s = 75'000.5;
  result.user_cpu_s = 1;
  result.system_cpu_s = 2.00002;
  result.verified = Verification{1, 0, 1'000, 0};
  return result;
}

TEST(BenchmarkJson, WritesPlainDecimals) {
  const std::string latencies =
      R"("p50_ms":0.812,"p90_ms":1.500,"p99_ms":2.000,"p999_ms":12.500,"p9999_ms":20.000,"max_ms":21.000,)"
      R"("mean_ms":1.000)";
  const std::string action = R"({"ops":300002,)" + latencies + R"(,"service":{)" + latencies + "}}";
  EXPECT_EQ(
      json_of(result_of_a_run()),
      R"({"workload":"hot","products":1,"connections":64,"depth":1,"mix":null,"seed":7,"seconds":8.0,)"
      R"("ops":600004,"ops_per_s":75000.5,"rate":null,"rate_held":null,)" +
          latencies + R"(,"service":{)" + latencies + R"(},"actions":{"place":)" + action + R"(,"abort":)" +
          action +
          R"(},"slowest_second_ops":70000,"longest_gap_ms":3.250,"lines_per_s":75000.5,"p99_lag_ms":0.000,)"
          R"("max_lag_ms":0.000,"user_cpu_s":1.000,"system_cpu_s":2.000,"cpu_us_per_op":5.000,)"
          R"("overloaded":0,"unsent":0,"unknown":0,"errors":0,"verified":true,"products_checked":1,)"
          R"("stock_mismatches":0,"orders_checked":1000,"order_mismatches":0})");
}

TEST(BenchmarkJson, IsOneObjectForAnyMeasurements) {
  BenchResult result;
  for (const bool open : {false, true}) {
    if (open) result.rate = 1'000;
    result.mix = open ? "show=1" : "";
    boost::system::error_code error;
    const auto json = boost::json::parse(json_of(result), error);
    ASSERT_FALSE(error) << json_of(result);
    EXPECT_EQ(json.at("ops_per_s").to_number<double>(), 0);
    EXPECT_EQ(json.at("rate").is_null(), !open);
    EXPECT_FALSE(json.at("verified").as_bool());
  }
}

TEST(BenchmarkText, ReportsRateThatWasNotHeld) {
  BenchResult result = result_of_a_run();
  EXPECT_THAT(text_of(result), Not(HasSubstr("due")));
  result.rate = 75'000;
  EXPECT_THAT(text_of(result), Not(HasSubstr("NOT HELD")));
  result.rate = 80'000;
  result.unsent = 3;
  EXPECT_THAT(text_of(result), HasSubstr("NOT HELD"));
  EXPECT_THAT(text_of(result), HasSubstr("never sent                   3"));
}

TEST(BenchmarkText, ReportsThatNothingWasChecked) {
  BenchResult result = result_of_a_run();
  EXPECT_THAT(text_of(result), HasSubstr("stock mismatches             0  of 1 products"));
  result.verified.reset();
  EXPECT_THAT(text_of(result), HasSubstr("stock             not checked"));
}

TEST(BenchmarkFigures, IncludeCommandsThatWereNeverSent) {
  LoadPlan plan;
  plan.rate = 2;
  LoadResult load;
  load.measured = 2'000'000'000;
  load.actions[0].ops = 1;
  load.actions[0].latency.record(1'000'000);
  load.actions[0].service.record(1'000'000);
  load.unsent.record(500'000'000);
  const BenchResult result = result_of(plan, load);
  EXPECT_EQ(result.ops_per_s(), 0.5);
  EXPECT_EQ(result.rate_held(), false);
  EXPECT_EQ(result.unsent, 1U);
  EXPECT_NEAR(result.latency.max, 500, 1e-9);
  EXPECT_NEAR(result.service.max, 1, 1e-9);
  EXPECT_NEAR(result.latency.mean, 250.5, 1e-9);
  ASSERT_EQ(result.actions.size(), 1U);
  EXPECT_EQ(result.actions.front().action, Action::place);
}

}  // namespace
}  // namespace stockfold
