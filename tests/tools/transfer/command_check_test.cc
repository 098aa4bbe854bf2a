// Whether an event matches its command.
#include "tools/transfer/command_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tools/load/traffic.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// What is wrong with an event; "" if nothing is.
std::string wrong_with(const RecordedEvent& event) {
  const auto checked = check_command(event);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, FaultKind::corruption);
  EXPECT_EQ(checked.error().position, event.position);
  return checked.error().what;
}

/// The events that a ledger makes of commands, the last ones of its log.
std::vector<RecordedEvent> events_of(std::vector<Command> commands) {
  Traffic traffic;
  traffic.execute(std::move(commands));
  return traffic.log().read(GlobalPosition(1))->next().value()->events;
}

RecordedEvent refused(CommandKind command, Refusal refusal) {
  return {GlobalPosition(9), {}, {}, CommandIdentity{}, "", CommandRefused{command, std::move(refusal)}};
}

TEST(CommandCheck, AcceptsEveryEventWithItsCommand) {
  Traffic traffic;
  play_everything(traffic);
  const auto commits = traffic.log().read(GlobalPosition(1));
  while (const auto commit = commits->next().value()) {
    for (const RecordedEvent& event : commit->events) EXPECT_EQ(wrong_with(event), "");
  }
}

TEST(CommandCheck, AcceptsExpectedVersionsAndUnnamedOrders) {
  const auto events = events_of({register_product("A", 9), with_id(expecting(receive("A", 1), 1), 1),
                                 with_id(place_next({{sku("A"), 1}}), 2),
                                 with_id(expecting(place_next({{sku("A"), 1}}), 0), 3),
                                 with_id({.body = DraftOrder{std::nullopt, {{sku("A"), 1}}}}, 4),
                                 with_id(expecting(place("3", {}), 1), 5)});
  ASSERT_EQ(events.size(), 6U);
  for (const RecordedEvent& event : events) EXPECT_EQ(wrong_with(event), "");
}

TEST(CommandCheck, RejectsAnotherBodyAndMalformedCommand) {
  RecordedEvent event = events_of({with_id(register_product("A", 9), 1)}).front();
  RecordedEvent other = event;
  std::get<ProductRegistered>(other.event).stock = 8;
  EXPECT_EQ(wrong_with(other), "ProductRegistered: expected the body hash of its command, found another");
  other = event;
  std::get<ProductRegistered>(other.event).name = "\xff";
  EXPECT_EQ(wrong_with(other), "ProductRegistered: name must be UTF-8");
  event.actor = "a\nb";
  EXPECT_EQ(wrong_with(event), "ProductRegistered: actor must hold no control characters");
}

TEST(CommandCheck, RejectsIdsThatNoLedgerAdmits) {
  RecordedEvent event = events_of({register_product("A", 9)}).front();
  std::get<ProductRegistered>(event.event).sku = sku("Mu\xCC\x88tze");
  EXPECT_THAT(wrong_with(event), StartsWith("ProductRegistered: sku must be in Unicode's normal form NFC"));
  std::get<ProductRegistered>(event.event).sku = sku("..");
  EXPECT_EQ(wrong_with(event), "") << "an earlier ledger admitted it";
  Refusal refusal;
  refusal.rule = Rule::unknown_product;
  refusal.subject = StreamId::of(sku("a\xE2\x80\xAE"));
  EXPECT_THAT(wrong_with(refused(CommandKind::retire_product, refusal)),
              StartsWith("CommandRefused: the subject must be printable, and U+202E is"));
}

TEST(CommandCheck, AcceptsRefusalOnlyWithTheStateItQuotes) {
  const auto events = events_of({register_product("A", 2), place("1", {{sku("A"), 2}}),
                                 with_id(place("2", {{sku("A"), 3}}), 1), with_id(place("1", {}), 2)});
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(wrong_with(events[2]), "");
  EXPECT_EQ(wrong_with(events[3]), "");
  RecordedEvent enough = events[2];
  std::get<CommandRefused>(enough.event).refusal.requested = 0;
  EXPECT_THAT(wrong_with(enough), StartsWith("CommandRefused cannot have happened: "));
  RecordedEvent other_rule = events[3];
  std::get<CommandRefused>(other_rule.event).refusal.rule = Rule::unknown_order;
  EXPECT_THAT(wrong_with(other_rule), StartsWith("CommandRefused cannot have happened: expected "));
  RecordedEvent actor = events[2];
  actor.actor = "a\nb";
  EXPECT_EQ(wrong_with(actor), "CommandRefused: actor must hold no control characters");
}

TEST(CommandCheck, RejectsRefusalOfAcceptableCommand) {
  const Order order{
      OrderStatus::in_progress, {{sku("A"), 2}, {sku("B"), 1}}, StreamVersion(1), GlobalPosition(2), ""};
  Order draft = order;
  draft.status = OrderStatus::draft;
  for (const auto& [command, state] :
       std::vector<std::pair<CommandKind, Order>>{{CommandKind::abort_order, order},
                                                  {CommandKind::fulfil_order, order},
                                                  {CommandKind::abort_order, draft}}) {
    const Refusal refusal{.rule = Rule::order_exists,
                          .subject = StreamId::of(order_id("1")),
                          .state = state,
                          .obstacle = GlobalPosition(2),
                          .actual = StreamVersion(1)};
    EXPECT_THAT(wrong_with(refused(command, refusal)), HasSubstr("was not to be refused"));
  }
  const Refusal of_draft{.rule = Rule::order_not_draft,
                         .subject = StreamId::of(order_id("1")),
                         .state = draft,
                         .actual = StreamVersion(1)};
  EXPECT_THAT(wrong_with(refused(CommandKind::place_order, of_draft)),
              HasSubstr("expected \"insufficient stock of A"));
}

TEST(CommandCheck, RejectsRefusalByRuleThatIsNeverRecorded) {
  EXPECT_THAT(wrong_with(refused(CommandKind::abort_order, refuse(Rule::command_id_reused, "later"))),
              HasSubstr("command_id_reused is never recorded"));
}

}  // namespace
}  // namespace stockfold
