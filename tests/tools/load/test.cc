#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <variant>

#include "tools/commands/answering_ledger.h"
#include "tools/load/load.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

LoadPlan plan_for(const AnsweringLedger& ledger) {
  LoadPlan plan;
  plan.ledger.host = "127.0.0.1";
  plan.ledger.port = ledger.port();
  plan.run = "test";
  plan.products = 10;
  plan.connections = 3;
  plan.depth = 4;
  plan.seed = 7;
  plan.warm_up = milliseconds(20);
  plan.measured = milliseconds(200);
  plan.patience = milliseconds(5'000);
  return plan;
}

const CommandBody* body_of(const Request& request) {
  const auto* command = std::get_if<CommandRequest>(&request);
  return command == nullptr ? nullptr : &command->command.body;
}

const ActionFigures& figures(const LoadResult& load, Action action) {
  return load.actions[static_cast<std::size_t>(action)];
}

TEST(Load, AbortsEveryPlacedOrderWithoutMix) {
  std::set<std::string> open;  // used by the ledger's thread until it ends
  std::optional<LoadResult> load;
  {
    AnsweringLedger ledger([&open](const Request& request) {
      const CommandBody* body = body_of(request);
      if (const auto* place = std::get_if<PlaceOrder>(body)) open.insert(place->order->str());
      if (const auto* abort = std::get_if<AbortOrder>(body)) open.erase(abort->order.str());
      return agree(request);
    });
    load = run_load(plan_for(ledger));
  }
  EXPECT_EQ(load->errors, 0U) << load->first_error;
  EXPECT_GT(load->ops(), 0U);
  EXPECT_EQ(load->ops(), load->lines);
  EXPECT_EQ(load->measured, 200'000'000);
  EXPECT_TRUE(open.empty());
  for (const ProductCount& product : load->products) EXPECT_EQ(product, ProductCount());
  EXPECT_GT(load->orders.size(), 0U);
  for (const SampledOrder& order : load->orders) EXPECT_EQ(order.status, OrderStatus::aborted);
}

TEST(Load, CountsCommandsLikeTheLedger) {
  std::map<std::string, ProductCount> held;
  std::map<std::string, Lines> lines;
  std::optional<LoadResult> load;
  {
    AnsweringLedger ledger([&](const Request& request) -> std::optional<Reply> {
      const CommandBody* body = body_of(request);
      if (body == nullptr) return agree(request);
      if (const auto* place = std::get_if<PlaceOrder>(body)) {
        lines[place->order->str()] = place->lines;
        for (const Line& line : place->lines) ++held[line.sku.str()].in_progress;
      } else if (const auto* abort = std::get_if<AbortOrder>(body)) {
        for (const Line& line : lines.at(abort->order.str())) --held[line.sku.str()].in_progress;
      } else if (const auto* fulfil = std::get_if<FulfilOrder>(body)) {
        for (const Line& line : lines.at(fulfil->order.str())) {
          --held[line.sku.str()].in_progress;
          ++held[line.sku.str()].fulfilled;
        }
      } else if (const auto* receive = std::get_if<ReceiveStock>(body)) {
        ++held[receive->sku.str()].received;
      }
      return agree(request);
    });
    LoadPlan plan = plan_for(ledger);
    plan.mix = parse_mix("place=40,abort=30,fulfil=10,receive=10,show=10").value();
    plan.lines = {1, 10};
    load = run_load(plan);
  }
  EXPECT_EQ(load->errors, 0U) << load->first_error;
  for (std::size_t i = 0; i < kActions; ++i) EXPECT_GT(load->actions[i].ops, 0U) << i;
  for (std::size_t i = 0; i < load->products.size(); ++i) {
    EXPECT_EQ(load->products[i], held["test-" + std::to_string(i)]) << i;
  }
}

TEST(Load, DrawsSameLinesForSameSeed) {
  std::array<std::vector<Lines>, 2> drawn;
  for (std::vector<Lines>& lines : drawn) {
    AnsweringLedger ledger([&lines](const Request& request) {
      if (const auto* place = std::get_if<PlaceOrder>(body_of(request))) lines.push_back(place->lines);
      return agree(request);
    });
    LoadPlan plan = plan_for(ledger);
    plan.connections = 1;
    plan.lines = {1, 5};
    EXPECT_EQ(run_load(plan).errors, 0U);
  }
  const std::size_t both = std::min(drawn[0].size(), drawn[1].size());
  ASSERT_GT(both, 10U);
  drawn[0].resize(both);
  drawn[1].resize(both);
  EXPECT_EQ(drawn[0], drawn[1]);
}

TEST(Load, RetriesWhenLedgerIsOverloaded) {
  int asked = 0;
  std::optional<LoadResult> load;
  {
    AnsweringLedger ledger([&asked](const Request& request) {
      return ++asked % 50 == 0 ? refuse_with(ErrorCode::overloaded) : agree(request);
    });
    load = run_load(plan_for(ledger));
  }
  EXPECT_EQ(load->errors, 0U) << load->first_error;
  EXPECT_GT(load->overloaded, 0U);
  // the pause counts
  EXPECT_GE(
      std::max(figures(*load, Action::place).latency.max(), figures(*load, Action::abort).latency.max()),
      5'000'000U);
}

TEST(Load, ReportsRefusals) {
  AnsweringLedger ledger([](const Request& request) -> std::optional<Reply> {
    if (std::holds_alternative<AbortOrder>(*body_of(request))) return refuse_with(Rule::unknown_order);
    return agree(request);
  });
  const LoadResult load = run_load(plan_for(ledger));
  EXPECT_GT(load.errors, 0U);
  EXPECT_EQ(load.unknown, 0U);
  EXPECT_EQ(figures(load, Action::abort).ops, 0U);
  EXPECT_NE(load.first_error, "");
}

TEST(Load, RejectsAnswerAboutAnotherOrder) {
  AnsweringLedger ledger([](const Request&) -> std::optional<Reply> {
    return agree(CommandRequest{Command{AbortOrder{OrderId::parse("another").value(), {}}, {}, {}, {}}});
  });
  const LoadResult load = run_load(plan_for(ledger));
  EXPECT_EQ(load.ops(), 0U);
  EXPECT_GT(load.errors, 0U);
  EXPECT_THAT(load.first_error, HasSubstr("another"));
}

TEST(Load, EndsEarlyWhenLedgerIsGone) {
  int asked = 0;
  AnsweringLedger ledger([&asked](const Request& request) -> std::optional<Reply> {
    if (++asked > 1'000) return std::nullopt;
    return agree(request);
  });
  LoadPlan plan = plan_for(ledger);
  plan.measured = milliseconds(60'000);
  const LoadResult load = run_load(plan);
  EXPECT_LT(load.measured, 30'000'000'000);
  EXPECT_GE(load.errors, 3U);
  EXPECT_GT(load.unknown, 0U);
  EXPECT_NE(load.first_error, "");
}

TEST(Load, ReportsFailureToConnect) {
  LoadPlan plan;
  plan.ledger.host = "127.0.0.1";
  plan.ledger.port = 1;
  plan.run = "test";
  const LoadResult load = run_load(plan);
  EXPECT_EQ(load.errors, 1U);
  EXPECT_THAT(load.first_error, HasSubstr("cannot connect"));
}

TEST(OpenLoop, KeepsItsRate) {
  AnsweringLedger ledger(agree);
  LoadPlan plan = plan_for(ledger);
  plan.rate = 2'000;
  plan.warm_up = milliseconds(0);
  plan.measured = milliseconds(500);
  const LoadResult load = run_load(plan);
  EXPECT_EQ(load.errors, 0U) << load.first_error;
  std::uint64_t due = load.unsent.count();
  for (const ActionFigures& of_action : load.actions) due += of_action.latency.count();
  EXPECT_EQ(due, 1'000U);
  EXPECT_GT(load.ops(), 0U);
  EXPECT_LE(load.ops(), 1'000U);
  EXPECT_GT(load.lag.count(), 0U);
}

TEST(OpenLoop, CountsWaitOfCommandsDueDuringPause) {
  bool paused = false;
  AnsweringLedger ledger([&paused](const Request& request) {
    if (!std::exchange(paused, true)) std::this_thread::sleep_for(milliseconds(300));
    return agree(request);
  });
  LoadPlan plan = plan_for(ledger);
  plan.connections = 1;
  plan.depth = 1;
  plan.rate = 1'000;
  plan.warm_up = milliseconds(0);
  plan.measured = milliseconds(1'000);
  const LoadResult load = run_load(plan);
  EXPECT_EQ(load.errors, 0U) << load.first_error;
  // Only one command was answered late, but some 300 were due in that time; half of them waited for 150 ms
  // and more.
  Histogram latency;
  Histogram service;
  for (const ActionFigures& of_action : load.actions) {
    latency.add(of_action.latency);
    service.add(of_action.service);
  }
  EXPECT_GE(latency.at(0.9), 100'000'000U);
  EXPECT_LT(service.at(0.9), 100'000'000U);
  EXPECT_GE(load.pace.longest_gap(), 290'000'000);
}

TEST(OpenLoop, CountsCommandsItCouldNotSend) {
  AnsweringLedger ledger([](const Request& request) {
    std::this_thread::sleep_for(milliseconds(10));
    return agree(request);
  });
  LoadPlan plan = plan_for(ledger);
  plan.connections = 1;
  plan.depth = 1;
  plan.rate = 10'000;
  plan.warm_up = milliseconds(0);
  const LoadResult load = run_load(plan);
  EXPECT_GT(load.unsent.count(), 1'000U);
  EXPECT_GT(load.unsent.max(), 100'000'000U);
}

}  // namespace
}  // namespace stockfold
