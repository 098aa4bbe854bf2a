// Histories as servers write them: commands that a ledger decided, several a commit, and their log.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/world.h"

namespace stockfold {

/// A ledger in memory that executes commands, each commit a little later than the one before.
class Traffic {
 public:
  /// One commit, if anything is accepted or recorded.
  void execute(std::vector<Command> commands, std::int64_t later = 1) {
    for (Command& command : commands) ASSERT_FALSE(admit(command)) << "malformed";
    now_ += later;
    const Execution done = ledger_->execute(commands, UnixMillis(now_));
    ASSERT_FALSE(done.fault);
    ASSERT_EQ(done.answers.size(), commands.size());
  }
  MemoryLog& log() { return log_; }

 private:
  std::int64_t now_ = 1'767'323'045'678;
  MemoryLog log_{LedgerId{.bytes = {1, 2, 3}}, Epoch(1), UnixMillis(1'767'323'000'001)};
  MemoryViewStore store_{view_names()};
  Views views_{store_};
  std::unique_ptr<Ledger> ledger_ = Ledger::open(log_, views_, {}).value();
};

/// A command that is likely to be accepted: few products, few orders, small numbers, texts of every kind.
inline Command any_command() {
  const std::string text = *rc::gen::element<std::string>("", "broken", "he said \"no\", \\ and left",
                                                          "größer, 箱 📦", "a\x7f\u2028b");
  const Sku product = sku(*rc::gen::element<std::string>("A", "B", "C"));
  const OrderId order = order_id(std::to_string(*rc::gen::inRange(1, 8)));
  const auto named = *rc::gen::inRange(0, 3) == 0 ? std::nullopt : std::optional(order);
  const auto quantity = *rc::gen::inRange<Quantity>(1, 5);
  const Lines lines =
      *rc::gen::element(Lines{{product, quantity}}, Lines{{sku("B"), quantity}, {sku("A"), 1}});
  Command command;
  command.body = *rc::gen::element<CommandBody>(
      RegisterProduct{product, text, quantity}, ReceiveStock{product, quantity, text},
      ReceiveStock{product, quantity, text}, WriteOffStock{product, quantity, text}, DraftOrder{named, lines},
      PlaceOrder{order, {}}, PlaceOrder{named, lines}, PlaceOrder{named, lines}, AbortOrder{order, text},
      FulfilOrder{order, text});
  if (*rc::gen::inRange(0, 30) == 0) command.body = RetireProduct{product};
  if (*rc::gen::inRange(0, 5) == 0) {
    command.expected = ExpectedVersion::exactly(StreamVersion(*rc::gen::inRange<std::uint64_t>(0, 4)));
  }
  if (*rc::gen::arbitrary<bool>()) {
    command.identity.emplace();
    command.identity->id.bytes[3] = *rc::gen::inRange<std::uint8_t>(1, 60);  // sometimes an id is used twice
  }
  command.actor = *rc::gen::element<std::string>("", "anna", "Jürgen \"J\"");
  return command;
}

/// Random commands in random commits.
inline void play(Traffic& traffic) {
  traffic.execute({register_product("A", 20), register_product("B", 20)});
  for (int commits = *rc::gen::inRange(0, 15); commits > 0; --commits) {
    std::vector<Command> commands;
    for (int left = *rc::gen::inRange(1, 6); left > 0; --left) commands.push_back(any_command());
    traffic.execute(std::move(commands), *rc::gen::inRange(0, 3));
  }
}

/// A history with an event of every type and a recorded refusal by every rule that is recorded. Its export is
/// a golden file, so it never changes.
inline void play_everything(Traffic& traffic) {
  std::uint8_t id = 0;
  const auto named = [&id](Command command) { return with_id(std::move(command), ++id); };
  traffic.execute({named({.body = RegisterProduct{sku("mug"), "Mug, \"large\", größer", 10}}),
                   register_product("plate", kMaxUnits - 5), register_product("OLD", 1)});
  traffic.execute({{.body = ReceiveStock{sku("mug"), 5, "delivery 7\\8"}, .actor = "Jürgen"},
                   named({.body = WriteOffStock{sku("mug"), 2, "broken"}}),
                   {.body = RetireProduct{sku("OLD")}}});
  traffic.execute({named({.body = DraftOrder{std::nullopt, {{sku("mug"), 1}}}}),
                   named(place("7", {{sku("mug"), 2}, {sku("plate"), 1}})),
                   named(expecting(place("1", {}), 1)),
                   {.body = DraftOrder{order_id("d"), {{sku("mug"), 3}}}},
                   {.body = DraftOrder{order_id("e"), {{sku("plate"), 3}}}}},
                  250);
  traffic.execute({{.body = AbortOrder{order_id("7"), "changed my mind"}, .actor = "anna"},
                   named({.body = AbortOrder{order_id("d"), ""}}),
                   named({.body = FulfilOrder{order_id("1"), "sent"}})});
  traffic.execute({named(register_product("mug", 1)),         // product_exists
                   named(receive("cup", 1)),                  // unknown_product
                   named(receive("OLD", 1)),                  // product_retired
                   named(receive("plate", 6)),                // stock_overflow
                   named(place("8", {{sku("mug"), 13}})),     // insufficient_stock
                   named(abort_order("9")),                   // unknown_order
                   named(place("1", {{sku("mug"), 1}})),      // order_exists
                   named(place("7", {})),                     // order_not_draft
                   named(abort_order("7")),                   // order_already_aborted
                   named(fulfil_order("1")),                  // order_already_fulfilled
                   named(fulfil_order("e")),                  // order_not_in_progress
                   named(expecting(abort_order("e"), 3)),     // version_conflict
                   named(expecting(receive("cup", 2), 1))});  // version_conflict, of nothing
}

}  // namespace stockfold
