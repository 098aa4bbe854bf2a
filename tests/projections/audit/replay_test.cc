#include "projections/audit/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/following/catch_up.h"
#include "projections/history.h"
#include "projections/past.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

constexpr GlobalPosition kEnd(UINT64_MAX);

Replay replayed(const EventLog& log, GlobalPosition to) {
  Replay replay;
  const auto commits = log.read(GlobalPosition(1));
  while (replay.position() < std::min(to, log.head().position)) {
    const auto commit = commits->next();
    EXPECT_TRUE(commit) << commit.error().what;
    if (!commit) break;
    EXPECT_TRUE(replay.fold(**commit, to));
  }
  return replay;
}

std::map<Sku, Product> by_sku(const std::vector<ProductRow>& rows) {
  std::map<Sku, Product> products;
  for (const auto& [sku, product] : rows) products.emplace(sku, product);
  return products;
}

std::uint64_t count(const Everything& state, OrderStatus status) {
  std::uint64_t orders = 0;
  for (const auto& [id, order] : state.orders) orders += order && order->status == status ? 1U : 0U;
  return orders;
}

RC_GTEST_PROP(Replay, EqualsFoldOfPrefixAndPastState, ()) {
  using enum OrderStatus;
  History history;
  play(history);
  const GlobalPosition to(*rc::gen::inRange<std::uint64_t>(0, history.head().value() + 1));
  const Replay replay = replayed(history.log(), to);

  const Everything then = fold_of(history, to);
  std::map<Sku, Product> expected;
  for (const auto& [sku, product] : then.products) {
    if (product) expected.emplace(sku, *product);
  }
  RC_ASSERT(by_sku(replay.products()) == expected);
  for (const OrderStatus status : {draft, in_progress, aborted, fulfilled}) {
    RC_ASSERT(replay.orders(status) == count(then, status));
  }
  RC_ASSERT(replay.position() == to);

  MemoryViewStore store(view_names());
  auto following = CatchUp::start(history.log(), store, all_projections());
  while (following->step(1'000).value() > 0) {
  }
  RC_ASSERT(by_sku(Past(store, history.log()).products({}, 1'000, to)->rows) == expected);
}

TEST(Replay, ReportsHashOfCommitItEndsIn) {
  History history;
  history.happens(RegisterProduct{sku("B"), "", 1});
  history.decide(RegisterProduct{sku("A"), "", 2});
  history.decide(RegisterProduct{sku("C"), "", 3});
  history.commit();
  const Replay all = replayed(history.log(), kEnd);
  EXPECT_EQ(all.hash(), history.log().head().hash);
  EXPECT_EQ(all.commits(), 2U);
  EXPECT_EQ(all.events(), 3U);
  EXPECT_EQ(all.products().front().sku, sku("A"));
  EXPECT_EQ(replayed(history.log(), GlobalPosition(2)).hash(), all.hash());
  EXPECT_NE(replayed(history.log(), GlobalPosition(1)).hash(), all.hash());
  EXPECT_EQ(replayed(history.log(), GlobalPosition(0)).hash(), std::nullopt);
}

TEST(Replay, StopsAtImpossibleEvent) {
  Commit commit;
  commit.events.push_back(
      {GlobalPosition(1), {}, StreamVersion(1), {}, "", StockReceived{sku("A"), 1, 1, ""}});
  const auto product = Replay().fold(commit, kEnd);
  ASSERT_FALSE(product);
  EXPECT_EQ(product.error().kind, FaultKind::corruption);
  EXPECT_EQ(product.error().position, GlobalPosition(1));

  commit.events.front().version = StreamVersion(2);
  commit.events.front().event = OrderAborted{order_id("1"), true, {{sku("A"), 1, 0, StreamVersion(0)}}, ""};
  const auto order = Replay().fold(commit, kEnd);
  ASSERT_FALSE(order);
  EXPECT_THAT(order.error().what, HasSubstr("no order is draft"));
}

}  // namespace
}  // namespace stockfold
