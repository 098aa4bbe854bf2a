// A log in memory and the state that it stands for, with which projections are compared.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/decide.h"
#include "core/evolve.h"
#include "core/movements.h"
#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "storage/log/memory_log.h"
#include "support/ids.h"
#include "support/memory_views.h"

namespace stockfold {

inline LedgerId ledger_id(std::uint8_t byte) {
  LedgerId id;
  id.bytes.fill(byte);
  return id;
}
inline CommandIdentity identity(std::uint8_t byte) {
  CommandIdentity identity;
  identity.id.bytes.fill(byte);
  identity.body.bytes.fill(static_cast<std::uint8_t>(byte + 1));
  return identity;
}

/// Every existing aggregate, by id.
class Everything final : public Aggregates {
 public:
  [[nodiscard]] const Product* find(const Sku& id) const override { return find_in(products, id); }
  [[nodiscard]] const Order* find(const OrderId& id) const override { return find_in(orders, id); }
  std::optional<Product>& edit(const Sku& id) override { return products[id]; }
  std::optional<Order>& edit(const OrderId& id) override { return orders[id]; }

  std::map<Sku, std::optional<Product>> products;
  std::map<OrderId, std::optional<Order>> orders;

 private:
  template <class States, class Id>
  static auto find_in(const States& states, const Id& id) -> decltype(&*states.begin()->second) {
    const auto found = states.find(id);
    return found == states.end() || !found->second ? nullptr : &*found->second;
  }
};

/// Commands that were decided and logged, and the resulting state.
class History {
 public:
  explicit History(LedgerId ledger = ledger_id(1), Epoch epoch = Epoch(1)) : log_(ledger, epoch) {}

  /// Decides the command; its event, if there is one, waits for commit(). Returns whether it was accepted.
  bool decide(CommandBody body, std::optional<CommandIdentity> identity = {}, std::string actor = "") {
    const Command command{std::move(body), ExpectedVersion::any(), identity, std::move(actor)};
    auto decision = stockfold::decide(state_, command);
    if (decision) {
      record(command, std::move(decision->event), decision->version);
    } else if (identity) {
      record(command, CommandRefused{kind_of(command.body), decision.error()}, StreamVersion(0));
    }
    return decision.has_value();
  }

  /// Sets the time from here on. Only between commits.
  void set_time(UnixMillis time) { time_ = time; }
  /// The same, to the first moment of a day. Time does not go back.
  void set_day(Day day) { time_ = std::max(time_, UnixMillis(std::int64_t{86'400'000} * day.value())); }

  /// Logs the waiting events as one commit.
  void commit() {
    if (pending_.empty()) return;
    Commit commit;
    commit.time = time_;
    commit.events = std::exchange(pending_, {});
    ASSERT_TRUE(std::holds_alternative<Appended>(log_.append(log_.head().position, std::move(commit))));
  }

  void happens(CommandBody body, std::optional<CommandIdentity> identity = {}, std::string actor = "") {
    ASSERT_TRUE(decide(std::move(body), identity, std::move(actor)));
    commit();
  }

  [[nodiscard]] MemoryLog& log() { return log_; }
  [[nodiscard]] const Everything& state() const { return state_; }
  [[nodiscard]] const std::vector<RecordedEvent>& events() const { return events_; }
  [[nodiscard]] GlobalPosition head() const { return log_.head().position; }

 private:
  void record(const Command& command, Event event, StreamVersion version) {
    const GlobalPosition position(events_.size() + 1);
    events_.push_back({position, time_, version, command.identity, command.actor, std::move(event)});
    pending_.push_back(events_.back());
    const auto folded = evolve(state_, events_.back());
    ASSERT_TRUE(folded) << folded.error().what;
  }

  MemoryLog log_;
  UnixMillis time_{1'000};
  Everything state_;
  std::vector<RecordedEvent> events_;
  std::vector<RecordedEvent> pending_;
};

/// A command that is likely to be accepted: few products, few orders, small numbers.
inline CommandBody any_command() {
  const Sku product = sku(*rc::gen::element<std::string>("A", "B", "C"));
  const OrderId order = order_id(std::to_string(*rc::gen::inRange(1, 8)));
  const auto quantity = *rc::gen::inRange<Quantity>(1, 5);
  switch (*rc::gen::inRange(0, 10)) {
    case 0:
      return RegisterProduct{product, "name of " + product.str(), quantity};
    case 1:
      return ReceiveStock{product, quantity, "bought"};
    case 2:
      return WriteOffStock{product, quantity, "broken"};
    case 3:
      return *rc::gen::inRange(0, 5) == 0 ? CommandBody(RetireProduct{product})
                                          : CommandBody(ReceiveStock{product, quantity, "more"});
    case 4:
      return DraftOrder{order, {{product, quantity}}};
    case 5:
      return PlaceOrder{order, {}};
    case 6:
      return AbortOrder{order, "changed my mind"};
    case 7:
      return FulfilOrder{order, "sent"};
    case 8:
      return PlaceOrder{order, {{sku("A"), 1}, {sku("B"), quantity}}};
    default:
      return PlaceOrder{order, {{product, quantity}}};
  }
}

/// Decides and commits a random number of commands, several a commit.
inline void play(History& history) {
  for (const char* product : {"A", "B"}) history.decide(RegisterProduct{sku(product), "", 20});
  const int commands = *rc::gen::inRange(1, 60);
  for (int i = 0; i < commands; ++i) {
    std::optional<CommandIdentity> id;
    if (*rc::gen::arbitrary<bool>()) id = identity(static_cast<std::uint8_t>(i + 1));
    history.decide(any_command(), id, *rc::gen::element<std::string>("", "anna"));
    if (*rc::gen::inRange(0, 3) != 0) continue;
    history.commit();
    history.set_day(Day(static_cast<std::uint32_t>(i) / 10));
  }
  history.commit();
}

/// The state after the events up to `at`.
inline Everything fold_of(const History& history, GlobalPosition at) {
  Everything state;
  for (const RecordedEvent& event : history.events()) {
    if (event.position > at) break;
    EXPECT_TRUE(evolve(state, event));
  }
  return state;
}

using Contents = std::map<std::string, std::map<std::string, std::string>>;

/// Every row of every view.
inline Contents contents_of(ViewStore& store) {
  Contents contents;
  for (const std::string& name : view_names()) {
    const auto scanned =
        store.view(name).snapshot()->scan("", [&](std::string_view key, std::string_view value) {
          contents[name].emplace(key, value);
          return true;
        });
    EXPECT_TRUE(scanned);
  }
  return contents;
}

/// Folds all of the log into the views, in batches of this many events.
inline void catch_up(History& history, ViewStore& store, std::size_t max_events = 1'000,
                     std::span<const Projection* const> projections = all_projections()) {
  auto started = CatchUp::start(history.log(), store, projections);
  ASSERT_TRUE(started) << started.error().what;
  while (true) {
    const auto events = started->step(max_events);
    ASSERT_TRUE(events) << events.error().what;
    if (*events == 0) break;
  }
  EXPECT_EQ(started->position(), history.head());
}

/// The contents of views folded from the first event.
inline Contents contents_after_all_of(History& history) {
  MemoryViewStore store(view_names());
  catch_up(history, store);
  return contents_of(store);
}

}  // namespace stockfold
