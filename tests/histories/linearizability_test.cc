// Checks the checker against handwritten histories, and against one that tries every order.
#include "histories/linearizability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "histories/model.h"
#include "histories/order_of_positions.h"
#include "histories/scheduled_ledger.h"
#include "storage/codec/body_hash.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

Command command(std::uint8_t id, CommandBody body) {
  Command command{.body = std::move(body), .expected = {}, .identity = CommandIdentity{}, .actor = ""};
  command.identity->id.bytes[15] = id;
  return command;
}
Command expecting(Command command, std::uint64_t version) {
  command.expected = ExpectedVersion::exactly(StreamVersion(version));
  return command;
}
Command stock_up(std::uint8_t id, Units stock) { return command(id, RegisterProduct{sku("A"), "", stock}); }
Command receive(std::uint8_t id, Quantity units) { return command(id, ReceiveStock{sku("A"), units, ""}); }
Command place(std::uint8_t id) { return command(id, PlaceOrder{order_id("7"), {{sku("A"), 1}}}); }
Command abort_it(std::uint8_t id) { return command(id, AbortOrder{order_id("7"), ""}); }

Answer of_product(std::uint64_t version, Units stock, std::uint64_t position) {
  return {Accepted{StreamId::of(sku("A")),
                   std::nullopt,
                   StreamVersion(version),
                   GlobalPosition(position),
                   UnixMillis(0),
                   {{sku("A"), stock}}}};
}
Answer of_order(OrderStatus status, std::uint64_t version, Units stock, std::uint64_t position) {
  return {Accepted{StreamId::of(order_id("7")),
                   status,
                   StreamVersion(version),
                   GlobalPosition(position),
                   UnixMillis(0),
                   {{sku("A"), stock}}}};
}
Answer again(Answer answer) {
  answer.replayed = true;
  return answer;
}

Order order_state(OrderStatus status, std::uint64_t version, std::uint64_t changed_at) {
  return {status, {{sku("A"), 1}}, StreamVersion(version), GlobalPosition(changed_at), ""};
}
Answer refused(Rule rule, const Order& order) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.subject = StreamId::of(order_id("7"));
  refusal.state = order;
  refusal.obstacle = order.changed_at;
  refusal.actual = order.version;
  return {refusal};
}
OrderReply shown(std::optional<Order> order) { return {order_id("7"), std::move(order), {}}; }

/// A product with 5 units, of which `taken` are in progress.
ProductReply shown(Units taken, std::uint64_t version, std::uint64_t changed_at) {
  Product product;
  product.received = 5;
  product.in_progress = taken;
  product.version = StreamVersion(version);
  product.registered_at = GlobalPosition(1);
  product.changed_at = GlobalPosition(changed_at);
  return {sku("A"), product, {}};
}
ShowProduct show_product() { return {sku("A"), {}}; }
ShowOrder show_order() { return {order_id("7"), {}}; }

/// Begins with product A, which has 5 units, at position 1. Each operation has its own connection.
class Written {
 public:
  Written() { told(0, 1, stock_up(1, 5), of_product(1, 5, 1)); }

  Written& told(Instant called, Instant returned, Asked asked, Told answer) {
    history_.push_back(
        {static_cast<std::uint32_t>(history_.size()), called, returned, std::move(asked), std::move(answer)});
    return *this;
  }
  Written& unknown(Instant called, Asked asked) { return told(called, kNever, std::move(asked), {}); }
  /// The latest operation uses the connection of the one before it.
  Written& over_the_same_connection() {
    history_.back().connection = history_[history_.size() - 2].connection;
    return *this;
  }

  [[nodiscard]] Linearizability judged() const { return find_order(history_).found; }
  [[nodiscard]] const History& history() const { return history_; }

 private:
  History history_;
};

constexpr auto kGood = Linearizability::linearizable;
constexpr auto kBad = Linearizability::violated;
constexpr auto kInProgress = OrderStatus::in_progress;
constexpr auto kAborted = OrderStatus::aborted;

const Answer kPlaced = of_order(kInProgress, 1, 4, 2);
const Answer kAbortedOnce = of_order(kAborted, 2, 5, 3);

/// Two receipts of stock and their answers: the second is called while the first waits for its answer.
Written overlapping(Answer of_the_first, Answer of_the_second) {
  return Written()
      .told(2, 9, receive(2, 1), std::move(of_the_first))
      .told(3, 9, receive(3, 1), std::move(of_the_second));
}

TEST(History, IsLinearizableWhenSequential) {
  EXPECT_EQ(Written()
                .told(2, 3, place(2), kPlaced)
                .told(4, 5, show_product(), shown(1, 2, 2))
                .told(6, 7, abort_it(3), kAbortedOnce)
                .told(8, 9, show_order(), shown(order_state(kAborted, 2, 3)))
                .told(8, 9, abort_it(4), refused(Rule::order_already_aborted, order_state(kAborted, 2, 3)))
                .judged(),
            kGood);
}

TEST(History, MayReorderOverlappingCalls) {
  EXPECT_EQ(overlapping(of_product(3, 7, 3), of_product(2, 6, 2)).judged(), kGood);
}

TEST(History, MayNotReorderSequentialCalls) {
  EXPECT_EQ(Written()
                .told(2, 3, receive(2, 1), of_product(3, 7, 3))
                .told(4, 5, receive(3, 1), of_product(2, 6, 2))
                .judged(),
            kBad);
}

TEST(History, MayNotReorderCallsOfOneConnection) {
  Written pipelined = overlapping(of_product(3, 7, 3), of_product(2, 6, 2));
  EXPECT_EQ(pipelined.judged(), kGood);
  EXPECT_EQ(pipelined.over_the_same_connection().judged(), kBad);
}

TEST(UnknownOutcome, MayHaveHappened) {
  EXPECT_EQ(Written().unknown(2, place(2)).told(5, 6, show_product(), shown(1, 2, 2)).judged(), kGood);
}

TEST(UnknownOutcome, MayHappenLater) {
  EXPECT_EQ(Written()
                .unknown(2, place(2))
                .told(5, 6, show_product(), shown(0, 1, 1))
                .told(7, 8, show_product(), shown(1, 2, 2))
                .judged(),
            kGood);
}

TEST(UnknownOutcome, MayNeverHaveHappened) {
  EXPECT_EQ(Written().unknown(2, place(2)).told(5, 6, show_product(), shown(0, 1, 1)).judged(), kGood);
}

TEST(UnknownOutcome, DoesNotHappenBeforeItsCall) {
  EXPECT_EQ(Written().told(2, 3, show_product(), shown(1, 2, 2)).unknown(4, place(2)).judged(), kBad);
}

TEST(UnknownOutcome, DoesNotHappenTwice) {
  EXPECT_EQ(Written()
                .unknown(2, receive(2, 1))
                .unknown(3, receive(2, 1))
                .told(5, 6, receive(3, 1), of_product(4, 8, 4))
                .judged(),
            kBad);
}

TEST(UnknownOutcome, IsInferredFromAnotherOutcome) {
  const Command stock_up_b = command(5, RegisterProduct{sku("B"), "", 1});
  const Command place_b = command(6, PlaceOrder{order_id("7"), {{sku("B"), 1}}});
  const OrderReply seen = shown(Order{kInProgress, {{sku("B"), 1}}, StreamVersion(1), GlobalPosition(3), ""});
  EXPECT_EQ(Written().unknown(2, place_b).unknown(3, stock_up_b).told(4, 5, show_order(), seen).judged(),
            kGood);
  EXPECT_EQ(Written().unknown(2, place_b).told(4, 5, show_order(), seen).judged(), kBad);
}

TEST(UnknownOutcome, IsInferredWhenItsIdIsReused) {
  Refusal reused;
  reused.rule = Rule::command_id_reused;
  reused.obstacle = GlobalPosition(2);
  EXPECT_EQ(Written().unknown(2, abort_it(2)).told(4, 5, receive(2, 1), Answer{reused}).judged(), kGood);
  EXPECT_EQ(Written().told(4, 5, receive(2, 1), Answer{reused}).judged(), kBad);
}

TEST(UnknownOutcome, MatchesTheAnswerToItsRetry) {
  const auto retried = [](Answer told) {
    return Written()
        .unknown(2, place(2))
        .told(4, 5, show_order(), shown(order_state(kInProgress, 1, 2)))
        .told(6, 7, place(2), std::move(told))
        .judged();
  };
  EXPECT_EQ(retried(again(kPlaced)), kGood);
  EXPECT_EQ(retried(kPlaced), kBad) << "it was done before";
  EXPECT_EQ(retried(again(of_order(kInProgress, 1, 4, 9))), kBad) << "what stood there was at 2";
}

TEST(Retry, ReceivesTheSameAnswerAsReplay) {
  const auto retried = [](Answer told) {
    return Written().told(2, 3, place(2), kPlaced).told(6, 7, place(2), std::move(told)).judged();
  };
  EXPECT_EQ(retried(again(kPlaced)), kGood);
  EXPECT_EQ(retried(kPlaced), kBad) << "not marked as a replay";
  EXPECT_EQ(retried(again(of_order(kInProgress, 1, 3, 2))), kBad) << "another answer";
}

TEST(Retry, IgnoresItsExpectedVersion) {
  Answer conflict = refused(Rule::version_conflict, order_state(kInProgress, 1, 2));
  std::get<Refusal>(conflict.outcome).expected = ExpectedVersion::no_stream();
  const auto retried = [](Answer told) {
    return Written()
        .told(2, 3, expecting(place(2), 0), kPlaced)
        .told(6, 7, expecting(place(2), 0), std::move(told))
        .judged();
  };
  EXPECT_EQ(retried(again(kPlaced)), kGood);
  EXPECT_EQ(retried(conflict), kBad);
}

TEST(OrderSearch, DetectsReplayOfUnsentCommand) {
  EXPECT_EQ(Written().told(2, 3, place(2), again(kPlaced)).judged(), kBad);
}

TEST(OrderSearch, DetectsStaleRead) {
  EXPECT_EQ(Written().told(2, 3, place(2), kPlaced).told(4, 5, show_product(), shown(0, 1, 1)).judged(),
            kBad);
  EXPECT_EQ(Written().told(2, 4, place(2), kPlaced).told(3, 5, show_product(), shown(0, 1, 1)).judged(),
            kGood);
}

TEST(OrderSearch, DetectsReadThatGoesBackInTime) {
  EXPECT_EQ(Written()
                .told(2, 9, place(2), kPlaced)
                .told(3, 4, show_product(), shown(1, 2, 2))
                .told(5, 6, show_product(), shown(0, 1, 1))
                .judged(),
            kBad);
}

TEST(OrderSearch, DetectsLostUpdate) {
  EXPECT_EQ(overlapping(of_product(2, 6, 2), of_product(2, 6, 3)).judged(), kBad);
}

TEST(OrderSearch, DetectsDoubleAbort) {
  EXPECT_EQ(Written()
                .told(2, 3, place(2), kPlaced)
                .told(4, 9, abort_it(3), kAbortedOnce)
                .told(5, 8, abort_it(4), of_order(kAborted, 2, 5, 4))
                .judged(),
            kBad);
}

TEST(OrderSearch, DetectsVanishedAcceptedCommand) {
  EXPECT_EQ(Written().told(2, 3, place(2), kPlaced).told(4, 5, show_order(), shown(std::nullopt)).judged(),
            kBad);
}

TEST(OrderSearch, DetectsRefusalThatNamesWrongPosition) {
  const auto told_of = [](std::uint64_t position) {
    return Written()
        .told(2, 3, place(2), kPlaced)
        .told(4, 5, abort_it(3), kAbortedOnce)
        .told(6, 7, abort_it(4), refused(Rule::order_already_aborted, order_state(kAborted, 2, position)))
        .judged();
  };
  EXPECT_EQ(told_of(3), kGood);
  EXPECT_EQ(told_of(2), kBad);
}

TEST(History, IsJudgedPerIndependentComponent) {
  History history = Written().told(2, 3, place(2), kPlaced).history();
  history.push_back({9, 2, 3, command(8, RegisterProduct{sku("B"), "", 1}), of_product(1, 1, 5)});
  EXPECT_EQ(components(history).size(), 2U);
  EXPECT_EQ(find_order(history).found, kBad) << "B was answered for A";
}

TEST(OrderSearch, ReportsWhenItReachesItsBound) {
  EXPECT_EQ(find_order(Written().told(2, 3, place(2), kPlaced).history(), {.configurations = 1}).found,
            Linearizability::undecided);
}

TEST(OrderSearch, ShowsWhereItFails) {
  const SearchResult result = find_order(
      Written().told(2, 3, place(2), kPlaced).told(4, 5, show_product(), shown(0, 1, 1)).history());
  EXPECT_THAT(result.window, HasSubstr("after 2 others"));
  EXPECT_THAT(result.window, HasSubstr("show A"));
  EXPECT_THAT(result.window, HasSubstr("stock 5 (5 received, 0 written off, 0 in progress, 0 fulfilled) v1"));
  EXPECT_THAT(result.window, HasSubstr("would be told now: stock 4 v2"));
}

// ---- positions --------------------------------------------------------------------------------------------

LoggedCommands log_of(const std::vector<std::pair<Command, Logged>>& commands) {
  LoggedCommands log;
  for (const auto& [command, logged] : commands) {
    log[command.identity->id] = {logged.position, logged.accepted, body_hash(command.body, command.expected)};
  }
  return log;
}
Logged accepted_at(std::uint64_t position) { return {position, true, {}}; }
Logged refused_at(std::uint64_t position) { return {position, false, {}}; }

TEST(PositionOrder, MustMatchAnswersAndRequests) {
  const History history = Written().told(2, 3, place(2), kPlaced).unknown(4, abort_it(3)).history();
  const std::pair first(stock_up(1, 5), accepted_at(1));
  const std::pair placed(place(2), accepted_at(2));
  const auto wrong = [&](const std::vector<std::pair<Command, Logged>>& commands) {
    return wrong_in_order_of_positions(history, log_of(commands)).value_or("nothing");
  };
  EXPECT_EQ(wrong({first, placed}), "nothing");
  EXPECT_EQ(wrong({first, placed, {abort_it(3), accepted_at(3)}}), "nothing");
  EXPECT_THAT(wrong({first}), HasSubstr("does not hold what was answered: place 7 A=1"));
  EXPECT_THAT(wrong({first, {place(2), accepted_at(3)}}), HasSubstr("has position 3 for place 7"));
  EXPECT_THAT(wrong({first, placed, {place(9), accepted_at(3)}}),
              HasSubstr("no command asked for position 3"));
  EXPECT_THAT(wrong({first, placed, {place(3), accepted_at(3)}}),
              HasSubstr("no command asked for position 3"));
  EXPECT_THAT(wrong({first, placed, {abort_it(3), refused_at(3)}}),
              HasSubstr("not as the positions have it"));
}

TEST(PositionOrder, MustFollowRealTime) {
  const History history = Written()
                              .told(2, 3, receive(2, 1), of_product(3, 7, 3))
                              .told(4, 5, receive(3, 1), of_product(2, 6, 2))
                              .history();
  const LoggedCommands log = log_of(
      {{stock_up(1, 5), accepted_at(1)}, {receive(2, 1), accepted_at(3)}, {receive(3, 1), accepted_at(2)}});
  EXPECT_THAT(wrong_in_order_of_positions(history, log),
              testing::Optional(HasSubstr("behind what was called after its return")));
}

TEST(PositionOrder, MustFollowEachConnection) {
  Written written;
  written.told(2, 9, receive(2, 1), of_product(3, 7, 3)).told(3, 9, receive(3, 1), of_product(2, 6, 2));
  const LoggedCommands log = log_of(
      {{stock_up(1, 5), accepted_at(1)}, {receive(2, 1), accepted_at(3)}, {receive(3, 1), accepted_at(2)}});
  EXPECT_EQ(wrong_in_order_of_positions(written.history(), log), std::nullopt);
  EXPECT_THAT(wrong_in_order_of_positions(written.over_the_same_connection().history(), log),
              testing::Optional(HasSubstr("behind what its connection asked later")));
}

// ---- every order ------------------------------------------------------------------------------------------

/// Tries every order of every choice of unknown outcomes, in one component.
class EveryOrder {
 public:
  explicit EveryOrder(const History& history)
      : history_(history), model_(history), taken_(history.size(), false) {}

  bool explains() {
    if (all_told_are_taken()) return true;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (taken_[i] || !may_be_next(i) || model_.fit(i) == Fit::no) continue;
      taken_[i] = true;
      model_.apply(i);
      const bool found = explains();
      model_.undo();
      taken_[i] = false;
      if (found) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool all_told_are_taken() const {
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (!taken_[i] && is_told(history_[i])) return false;
    }
    return true;
  }
  [[nodiscard]] bool may_be_next(std::size_t next) const {
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (taken_[i] || i == next || !is_told(history_[i])) continue;
      if (history_[i].returned < history_[next].called) return false;
      const bool same = is_told(history_[next]) && history_[i].connection == history_[next].connection;
      if (same && i < next) return false;
    }
    return true;
  }

  const History& history_;
  Model model_;
  std::vector<bool> taken_;
};

RC_GTEST_PROP(OrderSearch, FindsAnOrderExactlyWhenOneExists, ()) {
  const auto flaw = static_cast<Flaw>(*rc::gen::inRange(0, 5));
  const ScheduledRun run = run_schedule({.seed = *rc::gen::arbitrary<std::uint64_t>(),
                                         .flaw = flaw,
                                         .clients = 4,
                                         .operations = *rc::gen::inRange<std::size_t>(1, 10)});
  History history = run.history;
  for (Operation& operation : history) {  // most operations are short, which rules orders out
    if (!is_told(operation)) continue;
    const Instant span = operation.returned - operation.called;
    operation.called += *rc::gen::inRange<Instant>(0, span + 1);
    operation.returned =
        std::min(operation.returned, operation.called + *rc::gen::element<Instant>(0, 2, 99));
  }
  Operation& one = history[*rc::gen::inRange<std::size_t>(0, history.size())];
  Operation& other = history[*rc::gen::inRange<std::size_t>(0, history.size())];
  auto* answer = std::get_if<Answer>(&one.told);
  const int lie = *rc::gen::inRange(0, 3);
  if (lie == 1 && one.told.index() == other.told.index()) std::swap(one.told, other.told);
  if (lie == 2 && answer != nullptr) answer->replayed = !answer->replayed;
  const bool found = find_order(history).found == Linearizability::linearizable;
  RC_CLASSIFY(found, "linearizable");
  const std::vector<History> parts = components(telling(history));
  RC_ASSERT(found ==
            std::ranges::all_of(parts, [](const History& part) { return EveryOrder(part).explains(); }));
}

}  // namespace
}  // namespace stockfold
