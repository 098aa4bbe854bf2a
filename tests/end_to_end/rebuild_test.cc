// Views that the program rebuilds, and a program that is killed during a rebuild.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "end_to_end/program.h"
#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"
#include "storage/views/view_digest.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::Not;

using Digests = std::map<std::string, std::string>;

constexpr int kOrders = 2'000;

/// Places orders and ends most of them, by pipelined commands.
void given_load(const ServedLedger& server) {
  const auto client = Client::connect({.port = server.port()});
  ASSERT_TRUE(client) << client.error().what;
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE((*client)->execute({.body = RegisterProduct{nth_product(i), "", 1'000'000}}));
  std::vector<std::future<ClientResult<Answer>>> answers;
  for (int i = 0; i < kOrders; ++i) {
    const OrderId order = nth_order(i);
    answers.push_back((*client)->submit({.body = PlaceOrder{order, {{nth_product(i % 5), 1}}}}));
    if (i % 3 == 0) answers.push_back((*client)->submit({.body = AbortOrder{order, "no"}}));
    if (i % 3 == 1) answers.push_back((*client)->submit({.body = FulfilOrder{order, ""}}));
  }
  for (auto& answer : answers) ASSERT_TRUE(answer.get());
}

/// Digests of the views as the next program that opens the store finds them.
Digests digests_in(const std::filesystem::path& data) {
  auto store = rocksdb_engine().open(data, {.views = view_names(), .create = false});
  if (!store) {
    ADD_FAILURE() << store.error().what;
    return {};
  }
  auto catch_up = CatchUp::start((*store)->log(), (*store)->views(), all_projections());
  EXPECT_TRUE(catch_up);
  while (catch_up->step(10'000).value() > 0) {
  }
  Digests digests;
  for (const std::string& name : view_names())
    digests[name] = to_hex(digest_of(name, *(*store)->views().view(name).snapshot()).value());
  return digests;
}

class RebuildCommand : public testing::Test {
 protected:
  void SetUp() override {
    ServedLedger server(data_);
    given_load(server);
    ASSERT_EQ(server.terminate(), 0);
  }

  void given_damaged_stock() const {
    auto store = rocksdb_engine().open(data_, {.views = view_names(), .create = false});
    ASSERT_TRUE(store) << store.error().what;
    View& stock = (*store)->views().view("stock");
    ASSERT_TRUE(stock.write({{"product-3", "damaged"}}, stock.checkpoint()));
  }

  ProgramResult when_rebuilt(const std::string& view) {
    return run_program({"rebuild", view, "--data", data_.string(), "--json"}, errors_);
  }

  [[nodiscard]] std::string errors() const {
    std::ifstream file(errors_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryDirectory directory_;
  std::filesystem::path data_ = directory_.path() / "data";
  std::filesystem::path errors_ = directory_.path() / "errors";
};

TEST_F(RebuildCommand, ReportsCorrectViewsAsSame) {
  const Digests before = digests_in(data_);
  const auto rebuilt = when_rebuilt("all");
  EXPECT_EQ(rebuilt.exit_code, 0) << errors();
  for (const auto& [view, digest] : before) {
    EXPECT_THAT(rebuilt.out, HasSubstr("{\"view\":\"" + view + "\""));
    EXPECT_THAT(rebuilt.out, HasSubstr("\"digest\":\"" + digest + "\",\"live_digest\":\"" + digest + "\""));
  }
  EXPECT_THAT(rebuilt.out, Not(HasSubstr("differs")));
  EXPECT_EQ(digests_in(data_), before);
}

TEST_F(RebuildCommand, FixesViewThatDiffersAndExitsWithFive) {
  const Digests before = digests_in(data_);
  given_damaged_stock();
  const auto rebuilt = when_rebuilt("stock");
  EXPECT_EQ(rebuilt.exit_code, 5);
  EXPECT_THAT(rebuilt.out, HasSubstr("\"result\":\"differs\""));
  EXPECT_THAT(rebuilt.out, HasSubstr("{\"key\":\"product-3\",\"live\":\"damaged\""));
  EXPECT_EQ(digests_in(data_), before);
  EXPECT_EQ(when_rebuilt("all").exit_code, 0);
}

TEST_F(RebuildCommand, FixesViewOfRunningLedger) {
  const Digests before = digests_in(data_);
  given_damaged_stock();
  {
    ServedLedger server(data_);
    const std::vector<std::string> rebuild{"rebuild", "all", "--json", "--server", server.address()};
    const auto rebuilt = run_program(rebuild, errors_);
    EXPECT_EQ(rebuilt.exit_code, 5) << errors();
    EXPECT_THAT(rebuilt.out, HasSubstr("{\"key\":\"product-3\",\"live\":\"damaged\""));
    const auto again = run_program(rebuild, errors_);
    EXPECT_EQ(again.exit_code, 0) << errors();
    for (const auto& [view, digest] : before) EXPECT_THAT(again.out, HasSubstr("\"digest\":\"" + digest));
    EXPECT_EQ(server.terminate(), 0);
  }
  EXPECT_EQ(digests_in(data_), before);
}

TEST_F(RebuildCommand, KeepsViewsWholeWhenLedgerIsKilled) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const Digests before = digests_in(data_);
  for (int kill = 0; kill < 6; ++kill) {
    ServedLedger server(data_);
    const RunningProgram rebuild({"rebuild", "all", "--server", server.address()});
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));  // a random moment
    server.kill();
    ASSERT_EQ(digests_in(data_), before) << "after kill " << kill;
  }
}

TEST_F(RebuildCommand, RefusesStoreThatIsServed) {
  const ServedLedger server(data_);
  EXPECT_EQ(when_rebuilt("all").exit_code, 1);
  EXPECT_THAT(errors(), HasSubstr("stockfold: "));
}

TEST_F(RebuildCommand, ReportsUnknownView) {
  EXPECT_EQ(when_rebuilt("stocks").exit_code, 2);
  EXPECT_THAT(errors(), HasSubstr("unknown view \"stocks\": name one of all, stock, orders"));
}

TEST_F(RebuildCommand, ReportsViewsThatWereNotBuilt) {
  std::filesystem::remove_all(data_ / "views");
  const auto audited = run_program({"audit", "--data", data_.string(), "--json"}, errors_);
  EXPECT_EQ(audited.exit_code, 0) << errors();
  EXPECT_THAT(audited.out, HasSubstr("{\"view\":\"movements\",\"position\":0,\"same\":null}"));
  const auto rebuilt = when_rebuilt("movements");
  EXPECT_EQ(rebuilt.exit_code, 0) << errors();
  EXPECT_THAT(rebuilt.out, HasSubstr("\"reason\":\"it was not built before\""));
}

TEST_F(RebuildCommand, CompletesLateViewsAfterKills) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const Digests before = digests_in(data_);
  std::filesystem::remove_all(data_ / "views");
  const std::vector<std::string> wait_for_none{"--catch-up-first", "0"};
  for (int kill = 0; kill < 6; ++kill) {
    ServedLedger server(data_, 0, wait_for_none);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));  // a random moment
    server.kill();
  }
  {
    ServedLedger server(data_, 0, wait_for_none);
    ProgramResult movements;
    do {
      movements = run_program({"product", "movements", "product-1", "--json", "--server", server.address()});
      if (movements.exit_code != 0) {
        EXPECT_THAT(movements.out, HasSubstr("\"error\":\"view_not_ready\""));
      }
    } while (movements.exit_code == 1 && !testing::Test::HasFailure());
    EXPECT_EQ(movements.exit_code, 0);
    EXPECT_EQ(server.terminate(), 0);
  }
  EXPECT_EQ(run_program({"audit", "--data", data_.string()}, errors_).exit_code, 0) << errors();
  EXPECT_EQ(digests_in(data_), before);
}

TEST_F(RebuildCommand, KeepsViewsWholeWhenKilledAtAnyMoment) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const Digests before = digests_in(data_);
  for (int kill = 0; kill < 12; ++kill) {
    RunningProgram rebuild({"rebuild", "all", "--data", data_.string()});
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));  // a random moment
    rebuild.kill();
    ASSERT_EQ(digests_in(data_), before) << "after kill " << kill;
  }
  EXPECT_EQ(when_rebuilt("all").exit_code, 0) << errors();
}

}  // namespace
}  // namespace stockfold
