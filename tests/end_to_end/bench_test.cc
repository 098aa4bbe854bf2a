// The benchmark against a real ledger: whatever it does, stock and orders agree with the answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Bench : public testing::Test {
 protected:
  std::vector<std::string> arguments(const std::vector<std::string>& options) {
    std::vector<std::string> all{"bench",   "--server", server_.address(), "--connections", "4",
                                 "--depth", "4",        "--seconds",       "0.3",           "--warm-up",
                                 "0.1",     "--json"};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }
  ProgramResult run(const std::vector<std::string>& options) {
    return run_program(arguments(options), errors_);
  }
  std::string errors() { return contents(errors_); }

  static std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  TemporaryDirectory directory_;
  std::filesystem::path errors_ = directory_.path() / "errors";
  ServedLedger server_{directory_.path() / "data"};
};

constexpr auto IsRight = [] {
  return AllOf(HasSubstr(R"("verified":true)"), HasSubstr(R"("errors":0)"),
               HasSubstr(R"("stock_mismatches":0)"), HasSubstr(R"("order_mismatches":0)"),
               Not(HasSubstr(R"("ops":0,"ops_per_s")")));
};

TEST_F(Bench, VerifiesStockInEveryMode) {
  const std::vector<std::vector<std::string>> modes{
      {},
      {"--workload", "spread"},
      {"--command-ids"},
      {"--assigned-ids"},
      {"--rate", "500"},
      {"--workload", "spread", "--lines", "10"},
      {"--products", "20", "--lines", "1-10", "--mix", "place=45,abort=45,fulfil=5,receive=3,show=2"},
      {"--products", "5", "--mix", "place,abort,fulfil", "--max-open", "10", "--rate", "1000",
       "--command-ids"},
      {"--products", "5", "--mix", "place,abort,show", "--assigned-ids"},
      {"--products", "5", "--mix", "show", "--stale"},
      {"--products", "5", "--mix", "show", "--show", "order", "--assigned-ids"},
      {"--products", "5", "--mix", "show", "--show", "product"},
  };
  for (const auto& mode : modes) {
    const auto result = run(mode);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(mode) << '\n' << errors();
    EXPECT_THAT(result.out, IsRight()) << testing::PrintToString(mode);
  }
}

TEST_F(Bench, ReportsEachActionSeparately) {
  const auto result = run({"--mix", "place=2,show=1"});
  EXPECT_THAT(result.out, AllOf(HasSubstr(R"("actions":{"place":{"ops":)"), HasSubstr(R"("show":{"ops":)"),
                                Not(HasSubstr(R"("abort":)"))));
}

TEST_F(Bench, SkipsVerificationWithNoVerify) {
  const auto result = run({"--no-verify"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr(R"("verified":false)"));
}

TEST_F(Bench, WritesLatencyHistogramOfEachAction) {
  const auto file = directory_.path() / "latency.hgrm";
  EXPECT_EQ(run({"--histogram", file.string()}).exit_code, 0);
  for (const std::string suffix : {"", ".place", ".abort"}) {
    const std::string text = contents(file.string() + suffix);
    EXPECT_THAT(text, HasSubstr("Value     Percentile TotalCount 1/(1-Percentile)")) << suffix;
    EXPECT_THAT(text, HasSubstr("#[Max     =")) << suffix;
  }
  EXPECT_EQ(run({"--histogram", (directory_.path() / "nowhere" / "file").string()}).exit_code, 1);
  EXPECT_THAT(errors(), HasSubstr("--histogram"));
}

TEST_F(Bench, NamesInvalidArgument) {
  const std::vector<std::vector<std::string>> wrong{
      {"--mix", "buy=1"},  {"--rate", "0"},  {"--lines", "0"}, {"--show", "events"}, {"--seed", "x"},
      {"--warm-up", "-1"}, {"--lines", "2"}, {"--depth", "0"}, {"--max-open", "0"}};
  for (const auto& option : wrong) {
    std::filesystem::remove(errors_);
    const auto result = run(option);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(option);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(errors(), HasSubstr(option.front()));
  }
}

TEST_F(Bench, ReportsThatLedgerStopped) {
  std::thread killing([this] {
    const std::vector<std::string> list{"order",  "list",     "--limit",        "1",
                                        "--json", "--server", server_.address()};
    while (run_program(list).out.empty()) std::this_thread::yield();
    server_.kill();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run_program(
      {"bench", "--server", server_.address(), "--warm-up", "0", "--seconds", "60", "--json"}, errors_);
  killing.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr(R"("verified":false)"), Not(HasSubstr(R"("errors":0)"))));
  EXPECT_THAT(errors(), HasSubstr("stockfold: "));
}

}  // namespace
}  // namespace stockfold
