// A ledger on an in-memory log and views, with which its tests begin.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/command.h"
#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "server/ledger/admit.h"
#include "server/ledger/ledger.h"
#include "support/failing_log.h"
#include "support/ids.h"
#include "support/memory_views.h"

namespace stockfold {

inline Command register_product(std::string_view of, Units stock) {
  return {.body = RegisterProduct{sku(of), "", stock}};
}
inline Command receive(std::string_view of, Quantity quantity) {
  return {.body = ReceiveStock{sku(of), quantity, ""}};
}
inline Command place(std::string_view order, Lines lines) {
  return {.body = PlaceOrder{order_id(order), std::move(lines)}};
}
inline Command place_next(Lines lines) { return {.body = PlaceOrder{std::nullopt, std::move(lines)}}; }
inline Command abort_order(std::string_view order) { return {.body = AbortOrder{order_id(order), ""}}; }
inline Command fulfil_order(std::string_view order) { return {.body = FulfilOrder{order_id(order), ""}}; }

inline Command with_id(Command command, std::uint8_t number) {
  command.identity.emplace();
  command.identity->id.bytes[15] = number;
  return command;
}
/// Sent by a caller whose token proves its name.
inline Command proven(Command command, std::string_view caller) {
  command.actor = caller;
  command.actor_proven = true;
  return command;
}
inline Command expecting(Command command, std::uint64_t version) {
  command.expected = ExpectedVersion::exactly(StreamVersion(version));
  return command;
}

inline Rule rule_of(const Answer& answer) {
  EXPECT_TRUE(std::holds_alternative<Refusal>(answer.outcome)) << "no rule refused it";
  return std::holds_alternative<Refusal>(answer.outcome) ? std::get<Refusal>(answer.outcome).rule : Rule{};
}
inline ErrorCode error_code_of(const Answer& answer) {
  EXPECT_TRUE(std::holds_alternative<Failure>(answer.outcome)) << "it was decided";
  return std::holds_alternative<Failure>(answer.outcome) ? std::get<Failure>(answer.outcome).code
                                                         : ErrorCode{};
}
inline bool accepted(const Answer& answer) { return std::holds_alternative<Accepted>(answer.outcome); }
inline const Accepted& as_accepted(const Answer& answer) { return std::get<Accepted>(answer.outcome); }

class World {
 public:
  explicit World(LedgerOptions options = {}, Epoch epoch = Epoch(1))
      : log(LedgerId{.bytes = {1}}, epoch), options_(options) {
    restart();
  }

  /// Loses what is in memory: the views catch up with the log, and a new ledger starts.
  void restart() {
    catch_up();
    ledger_ = Ledger::open(log, views, options_).value();
  }

  /// Folds the whole log into the views, and tells the ledger.
  void catch_up() {
    auto following = CatchUp::start(log, store_, all_projections()).value();
    while (following.step(1'000).value() > 0) {
    }
    if (ledger_) ledger_->views_reached(log.head().position);
  }

  /// Admits commands and executes them as one commit.
  Execution execute(std::vector<Command> commands) {
    for (Command& command : commands) EXPECT_FALSE(admit(command)) << "malformed";
    return ledger_->execute(commands, UnixMillis(1'000));
  }
  Answer execute_one(Command command) { return execute({std::move(command)}).answers.front(); }
  void hold_back(std::optional<Failure> failure) { ledger_->hold_back(std::move(failure)); }
  Answer tell_again(Command command, const Failure& otherwise) {
    EXPECT_FALSE(admit(command)) << "malformed";
    return ledger_->tell_again({&command, 1}, otherwise).answers.front();
  }

  [[nodiscard]] std::uint64_t position() const { return log.head().position.value(); }

  FailingLog log;

 private:
  LedgerOptions options_;
  MemoryViewStore store_{view_names()};

 public:
  Views views{store_};

 private:
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace stockfold
