#include "projections/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/catch_up.h"
#include "projections/history.h"
#include "projections/past.h"
#include "projections/read_ahead.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

constexpr GlobalPosition kEnd(UINT64_MAX);

Replay replayed(const EventLog& log, GlobalPosition to) {
  Replay replay;
  ReadAhead commits(log, GlobalPosition(1), to);
  for (;;) {
    const auto commit = commits.next();
    EXPECT_TRUE(commit) << commit.error().what;
    if (!commit || *commit == nullptr) return replay;
    EXPECT_TRUE(replay.fold(**commit, to));
  }
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

RC_GTEST_PROP(AReplay, IsTheFoldOfThePrefixAndTheStateAtItsEnd, ()) {
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

TEST(AReplayTest, NamesTheCommitThatItEndsIn) {
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

TEST(AReplayTest, StopsAtAnEventThatCannotHaveHappened) {
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

// ---- reading ahead ----------------------------------------------------------------------------------------

class ReadAheadTest : public testing::Test {
 protected:
  ReadAheadTest() {
    history_.happens(RegisterProduct{sku("A"), "", 0});
    for (int i = 1; i < kEvents; ++i) {
      EXPECT_TRUE(history_.decide(ReceiveStock{sku("A"), 1, ""}));
      if (i % 500 == 0) history_.commit();
    }
    history_.commit();
  }

  static constexpr int kEvents = 40'000;  // more than it reads ahead
  History history_;
};

TEST_F(ReadAheadTest, GivesEveryCommitInOrder) {
  ReadAhead ahead(history_.log(), GlobalPosition(1), kEnd);
  const auto cursor = history_.log().read(GlobalPosition(1));
  for (;;) {
    const auto given = ahead.next().value();
    const auto expected = cursor->next().value();
    ASSERT_EQ(given == nullptr, expected == nullptr);
    if (given == nullptr) break;
    ASSERT_EQ(given->hash, expected->hash);
  }
  EXPECT_EQ(ahead.next().value(), nullptr) << "the end stays the end";
}

TEST_F(ReadAheadTest, GivesWhatHoldsTheTwoEndsAndWhatIsBetween) {
  ReadAhead ahead(history_.log(), GlobalPosition(700), GlobalPosition(1'700));
  std::vector<GlobalPosition> ends;
  while (const auto commit = ahead.next().value()) ends.push_back(commit->last());
  EXPECT_THAT(ends,
              testing::ElementsAre(GlobalPosition(1'001), GlobalPosition(1'501), GlobalPosition(2'001)));
  EXPECT_EQ(ReadAhead(history_.log(), GlobalPosition(1), GlobalPosition(0)).next().value(), nullptr);
}

TEST_F(ReadAheadTest, MayBeLeftInTheMiddle) {
  ReadAhead ahead(history_.log(), GlobalPosition(1), kEnd);
  EXPECT_NE(ahead.next().value(), nullptr);
}

/// A log that ends in a fault.
class DamagedLog final : public EventLog {
 public:
  explicit DamagedLog(EventLog& log) : log_(log) {}
  [[nodiscard]] Head head() const override { return log_.head(); }
  [[nodiscard]] UnixMillis created() const override { return log_.created(); }
  AppendResult append(GlobalPosition expected, Commit commit) override {
    return log_.append(expected, std::move(commit));
  }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition from) const override {
    return std::make_unique<Cursor>(log_.read(from));
  }

 private:
  class Cursor final : public LogCursor {
   public:
    explicit Cursor(std::unique_ptr<LogCursor> cursor) : cursor_(std::move(cursor)) {}
    std::expected<std::shared_ptr<const Commit>, Fault> next() override {
      auto commit = cursor_->next();
      if (commit && *commit == nullptr) return std::unexpected(corruption(GlobalPosition(9), "damaged"));
      return commit;
    }

   private:
    std::unique_ptr<LogCursor> cursor_;
  };

  EventLog& log_;
};

TEST_F(ReadAheadTest, GivesAllThatComesBeforeAFault) {
  const DamagedLog damaged(history_.log());
  ReadAhead ahead(damaged, GlobalPosition(1), kEnd);
  GlobalPosition last;
  for (;;) {
    const auto commit = ahead.next();
    if (!commit) {
      EXPECT_EQ(commit.error().what, "damaged");
      break;
    }
    ASSERT_NE(*commit, nullptr);
    last = (*commit)->last();
  }
  EXPECT_EQ(last, history_.head());
}

}  // namespace
}  // namespace stockfold
