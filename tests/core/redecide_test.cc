#include "core/redecide.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/given.h"

namespace stockfold {
namespace {

/// The fault that deciding an event again finds in it; "" if there is none.
std::string wrong_with(Story& story, RecordedEvent event) {
  const auto found = redecide(story.aggregates(), event);
  if (found) return "";
  EXPECT_EQ(found.error().kind, FaultKind::corruption);
  EXPECT_EQ(found.error().position, event.position);
  return found.error().what;
}

/// The event that a command leads to next, changed.
RecordedEvent next(Story& story, const CommandBody& body, const std::function<void(RecordedEvent&)>& change) {
  const auto decision = decide(story.aggregates(), {body, ExpectedVersion::any(), {}, "alice"});
  RecordedEvent event = record(decision.value(), GlobalPosition(99));
  change(event);
  return event;
}
void as_it_is(RecordedEvent& /*event*/) {}

/// The recorded refusal of a command.
RecordedEvent refused(Story& story, const CommandBody& body,
                      ExpectedVersion expected = ExpectedVersion::any()) {
  const auto decision = decide(story.aggregates(), {body, expected, {}, "alice"});
  EXPECT_FALSE(decision);
  RecordedEvent event;
  event.position = GlobalPosition(99);
  event.identity.emplace();
  event.event = CommandRefused{kind_of(body), decision.error()};
  return event;
}

TEST(Redecide, AcceptsEveryDecidedEvent) {
  const std::vector<CommandBody> commands{registered("A", 10),
                                          registered("B", 5),
                                          received("A", 4),
                                          written_off("A", 1),
                                          drafted("1", {line("A", 2)}),
                                          placed_draft("1"),
                                          aborted("1"),
                                          drafted("2", {line("A", 1)}),
                                          aborted("2"),
                                          placed("3", {line("A", 1), line("B", 5)}),
                                          fulfilled("3"),
                                          retired("B")};
  Story story({});
  for (const CommandBody& command : commands) {
    EXPECT_EQ(wrong_with(story, next(story, command, as_it_is)), "");
    EXPECT_EQ(command_of(story.aggregates(), story.happens(command).event).has_value(), true);
  }
}

TEST(Redecide, RecoversCommandFromEvent) {
  Story story = given({registered("A", 10), drafted("1", {line("A", 2)})});
  const auto of = [&](const CommandBody& body) {
    return command_of(story.aggregates(), next(story, body, as_it_is).event);
  };
  for (const CommandBody& body :
       {received("A", 3), written_off("A", 1), retired("A"), registered("B", 2), placed_draft("1"),
        placed("2", {line("A", 1)}), drafted("3", {line("A", 4)}), aborted("1")}) {
    EXPECT_EQ(of(body), body);
  }
}

TEST(Redecide, NamesRuleThatEventBreaks) {
  Story story = given({registered("A", 2), placed("1", {line("A", 2)}), aborted("1")});
  const auto again = [&](const Event& event) {
    return wrong_with(story, {GlobalPosition(99), {}, StreamVersion(3), {}, "", event});
  };
  EXPECT_EQ(again(OrderAborted{order_id("1"), false, {stocked("A", 2, 4, 4)}, ""}),
            "OrderAborted cannot have happened: order 1 was already aborted by alice at position 3");
  EXPECT_EQ(again(OrderPlaced{order_id("2"), {stocked("A", 3, 0, 4)}}),
            "OrderPlaced cannot have happened: insufficient stock of A: 2 available, 3 requested");
  EXPECT_EQ(again(OrderFulfilled{order_id("3"), {stocked("A", 1, 2, 4)}, ""}),
            "OrderFulfilled cannot have happened: order 3 is not a known order");
}

TEST(Redecide, NamesFieldThatEventRecordsWrongly) {
  Story story = given({registered("A", 10), drafted("1", {line("A", 2)})});
  EXPECT_EQ(
      wrong_with(story, next(story, received("A", 4),
                             [](RecordedEvent& e) { std::get<StockReceived>(e.event).stock_after = 13; })),
      "product/A: expected stock 14 after it, found 13");
  Story other = given({registered("A", 10), drafted("1", {line("A", 2)})});
  EXPECT_EQ(wrong_with(other,
                       next(other, received("A", 4), [](RecordedEvent& e) { e.version = StreamVersion(3); })),
            "product/A: expected version 2, found 3");
  Story draft = given({registered("A", 10), drafted("1", {line("A", 2)})});
  EXPECT_EQ(
      wrong_with(draft, next(draft, placed_draft("1"),
                             [](RecordedEvent& e) { std::get<OrderPlaced>(e.event).lines[0].quantity = 1; })),
      "order/1: expected the lines of the order, found others");
}

TEST(Redecide, RejectsMalformedEvent) {
  Story story = given({registered("A", 10)});
  EXPECT_EQ(
      wrong_with(story, next(story, received("A", 4),
                             [](RecordedEvent& e) { std::get<StockReceived>(e.event).reason = "a\nb"; })),
      "StockReceived cannot have happened: reason must hold no control characters");
}

// ---- refusals ---------------------------------------------------------------------------------------------

const std::vector<CommandBody> kPast{registered("A", 2),
                                     registered("OLD", 1),
                                     retired("OLD"),
                                     placed("1", {line("A", 1)}),
                                     aborted("1"),
                                     placed("2", {line("A", 1)}),
                                     fulfilled("2"),
                                     drafted("3", {line("A", 1)}),
                                     placed("4", {line("A", 1)})};

const std::vector<CommandBody> kRefused{
    registered("A", 1),
    received("NONE", 1),
    received("OLD", 1),
    written_off("NONE", 1),
    written_off("A", 9),
    retired("NONE"),
    retired("OLD"),
    drafted("1", {line("A", 1)}),
    drafted("9", {line("NONE", 1)}),
    drafted("9", {line("OLD", 1)}),
    placed("3", {line("A", 1)}),
    placed("9", {line("NONE", 1)}),
    placed("9", {line("OLD", 1)}),
    placed("9", {line("A", 1)}),
    placed_draft("9"),
    placed_draft("1"),
    placed_draft("3"),
    aborted("9"),
    aborted("1"),
    aborted("2"),
    fulfilled("9"),
    fulfilled("1"),
    fulfilled("2"),
    fulfilled("3"),
};

TEST(Redecide, AcceptsEveryCorrectRefusal) {
  Story story(kPast);
  for (const CommandBody& body : kRefused) EXPECT_EQ(wrong_with(story, refused(story, body)), "");
  for (const CommandBody& body :
       {registered("A", 1), received("A", 1), retired("A"), placed("9", {line("A", 1)}), aborted("1")}) {
    EXPECT_EQ(wrong_with(story, refused(story, body, ExpectedVersion::exactly(StreamVersion(77)))), "");
  }
}

TEST(Redecide, RejectsRefusalWhenStateDiffers) {
  Story story(kPast);
  std::vector<RecordedEvent> refusals;
  for (const CommandBody& body : kRefused) refusals.push_back(refused(story, body));
  Story empty({});
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    const Rule rule = std::get<CommandRefused>(refusals[i].event).refusal.rule;
    if (rule == Rule::unknown_product || rule == Rule::unknown_order) continue;
    EXPECT_NE(wrong_with(empty, refusals[i]), "") << i;
  }
}

TEST(Redecide, DetectsEveryChangedFieldOfRefusal) {
  Story story(kPast);
  const RecordedEvent sound = refused(story, written_off("A", 9));
  const auto changed = [&](const std::function<void(Refusal&)>& change) {
    RecordedEvent event = sound;
    change(std::get<CommandRefused>(event.event).refusal);
    return wrong_with(story, event);
  };
  EXPECT_EQ(changed([](Refusal&) {}), "");
  EXPECT_NE(changed([](Refusal& r) { r.requested = 0; }), "");
  EXPECT_NE(changed([](Refusal& r) { r.obstacle = GlobalPosition(1); }), "");
  EXPECT_NE(changed([](Refusal& r) { r.actual = StreamVersion(1); }), "");
  EXPECT_NE(changed([](Refusal& r) { r.detail = "because"; }), "");
  EXPECT_NE(changed([](Refusal& r) { std::get<Product>(r.state).received = 3; }), "");
  EXPECT_NE(changed([](Refusal& r) { r.rule = Rule::product_retired; }), "");
  EXPECT_NE(changed([](Refusal& r) { r.subject = StreamId::of(order_id("1")); }), "");
  EXPECT_EQ(changed([](Refusal& r) { r = refuse(Rule::command_id_reused, "busy"); }),
            "CommandRefused cannot have happened: command_id_reused is never recorded");
}

TEST(Redecide, RequiresCommandIdOfRefusal) {
  Story story(kPast);
  RecordedEvent event = refused(story, aborted("1"));
  event.identity.reset();
  EXPECT_EQ(wrong_with(story, event),
            "CommandRefused cannot have happened: a refusal without a command id is not recorded");
}

TEST(Redecide, RejectsRefusalOfAcceptableCommand) {
  Story story(kPast);
  RecordedEvent event = refused(story, aborted("9"));
  std::get<CommandRefused>(event.event).refusal.subject = StreamId::of(order_id("4"));
  EXPECT_EQ(wrong_with(story, event),
            "CommandRefused cannot have happened: AbortOrder was not to be refused");
}

}  // namespace
}  // namespace stockfold
