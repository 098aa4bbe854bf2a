#include "core/statement.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

const Sku kProductA = sku("A");

/// The statement of product A over the given events; events of other products are skipped.
struct Told {
  ProductStatement statement{kProductA};
  std::vector<Movement> movements;

  void tell(const RecordedEvent& event) {
    if (!movement_of(event, kProductA)) return;
    const auto movement = statement.add(event);
    ASSERT_TRUE(movement) << movement.error().what;
    movements.push_back(*movement);
  }
};

std::vector<RecordedEvent> events_of(const std::vector<CommandBody>& commands) {
  std::vector<RecordedEvent> events;
  Story story({});
  for (const CommandBody& command : commands) events.push_back(story.happens(command));
  return events;
}

/// Skips the first `skip` events of A.
Told told(const std::vector<RecordedEvent>& events, std::size_t skip = 0) {
  Told told;
  for (const RecordedEvent& event : events) {
    if (skip == 0 || !movement_of(event, kProductA)) {
      told.tell(event);
    } else {
      --skip;
    }
  }
  return told;
}

const std::vector<CommandBody> kWholeStory{registered("A", 10),
                                           registered("B", 5),
                                           received("A", 4),
                                           written_off("A", 1),
                                           drafted("1", {line("A", 2)}),
                                           placed_draft("1"),
                                           placed("2", {line("A", 3), line("B", 1)}),
                                           aborted("1"),
                                           drafted("3", {line("A", 1)}),
                                           aborted("3"),
                                           fulfilled("2"),
                                           placed("4", {line("A", 5)}),
                                           retired("A")};

TEST(ProductStatement, ListsEveryMovementWithItsBalance) {
  using enum MovementKind;
  const Told statement = told(events_of(kWholeStory));
  const std::vector<Movement> expected{
      {registered, {}, 10, 10, 10, StreamVersion(1)},
      {received, {}, 4, 4, 14, StreamVersion(2)},
      {written_off, {}, 1, -1, 13, StreamVersion(3)},
      {taken, order_id("1"), 2, -2, 11, StreamVersion(4)},
      {taken, order_id("2"), 3, -3, 8, StreamVersion(5)},
      {given_back, order_id("1"), 2, 2, 10, StreamVersion(6)},
      {made_final, order_id("2"), 3, 0, 10, StreamVersion(7)},
      {taken, order_id("4"), 5, -5, 5, StreamVersion(8)},
      {retired, {}, 0, 0, 5, StreamVersion(9)},
  };
  EXPECT_EQ(statement.movements, expected);
}

TEST(ProductStatement, AddsUpToTheStock) {
  const ProductStatement whole = told(events_of(kWholeStory)).statement;
  EXPECT_EQ(whole.opening(), 0U);
  EXPECT_EQ(whole.balance(), 5U);
  EXPECT_EQ(whole.movements(), 9U);
  EXPECT_EQ(whole.turnover(), (Turnover{.received = 14, .written_off = 1, .in_progress = 5, .fulfilled = 3}));
  EXPECT_TRUE(whole.adds_up());
}

TEST(ProductStatement, OpensWithTheStockBeforeItsFirstMovement) {
  const auto events = events_of(kWholeStory);
  for (std::size_t skip = 1; skip < 9; ++skip) {
    const ProductStatement part = told(events, skip).statement;
    EXPECT_EQ(part.opening(), told(events).movements[skip - 1].balance) << skip;
    EXPECT_EQ(part.balance(), 5U);
    EXPECT_TRUE(part.adds_up());
  }
}

TEST(ProductStatement, IsEmptyBeforeItsFirstMovement) {
  const ProductStatement empty(kProductA);
  EXPECT_FALSE(empty.opening().has_value());
  EXPECT_FALSE(empty.balance().has_value());
  EXPECT_EQ(empty.movements(), 0U);
}

// ---- what cannot have happened ----------------------------------------------------------------------------

Fault fault_of(const std::vector<RecordedEvent>& events) {
  ProductStatement statement(kProductA);
  for (const RecordedEvent& event : events) {
    const auto added = statement.add(event);
    if (!added) return added.error();
  }
  return {FaultKind::io, "nothing is wrong", {}};
}

TEST(ProductStatement, NamesEventWithWrongStock) {
  auto events = events_of({registered("A", 10), received("A", 4), written_off("A", 1)});
  std::get<StockReceived>(events[1].event).stock_after = 15;
  const Fault fault = fault_of(events);
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_EQ(fault.position, GlobalPosition(2));
  EXPECT_EQ(fault.what, "product/A: expected stock after it 14, found 15");
}

TEST(ProductStatement, NamesFirstEventWithImpossibleStock) {
  auto events = events_of({registered("A", 10), placed("1", {line("A", 1)}), received("A", 4)});
  std::get<StockReceived>(events[2].event).stock_after = 3;  // fewer units than it added
  EXPECT_EQ(fault_of({events[2]}).what, "product/A: expected stock after it 4, found 3");
}

TEST(ProductStatement, DetectsMissingEvent) {
  const auto events =
      events_of({registered("A", 10), received("A", 4), written_off("A", 4), received("A", 4)});
  const Fault fault = fault_of({events[0], events[1], events[3]});
  EXPECT_EQ(fault.position, GlobalPosition(4));
  EXPECT_EQ(fault.what, "product/A: expected version 3, found 4");
}

TEST(ProductStatement, MustBeginWithRegistration) {
  auto events = events_of({registered("A", 10), received("A", 4)});
  events[1].version = StreamVersion(1);
  EXPECT_EQ(fault_of({events[1]}).kind, FaultKind::corruption);
  events[0].version = StreamVersion(2);
  EXPECT_EQ(fault_of({events[0]}).kind, FaultKind::corruption);
}

TEST(ProductStatement, RejectsEventOfAnotherStream) {
  const auto events = events_of({registered("A", 10), drafted("1", {line("A", 1)}), aborted("1")});
  EXPECT_EQ(fault_of({events[1]}).what, "product/A: expected an event of this stream, found OrderDrafted");
  EXPECT_EQ(fault_of({events[2]}).what, "product/A: expected an event of this stream, found OrderAborted");
}

TEST(MovementKind, HasStableName) {
  using enum MovementKind;
  const std::vector<std::string_view> names{"registered", "received",   "written_off", "taken",
                                            "given_back", "made_final", "retired"};
  std::size_t i = 0;
  for (const auto kind : {registered, received, written_off, taken, given_back, made_final, retired}) {
    EXPECT_EQ(name_of(kind), names[i++]);
  }
}

}  // namespace
}  // namespace stockfold
