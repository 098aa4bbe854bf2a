// A DSL for tests: given(events).when(a command).then(an event) or .then_refused(why).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <optional>
#include <ostream>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/aggregates.h"
#include "core/command.h"
#include "core/decide.h"
#include "core/evolve.h"
#include "core/refusal.h"
#include "support/ids.h"

namespace stockfold {

inline void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << name_of(refusal.rule) << " (" << message_of(refusal) << ")";
}
inline void PrintTo(const Event& event, std::ostream* out) {
  *out << name_of(type_of(event));
  if (const auto* refused = std::get_if<CommandRefused>(&event)) PrintTo(refused->refusal, out);
}
inline void PrintTo(const StreamId& stream, std::ostream* out) { *out << stream.str(); }
inline void PrintTo(Rule rule, std::ostream* out) { *out << name_of(rule); }
inline void PrintTo(OrderStatus status, std::ostream* out) { *out << name_of(status); }
template <class Tag, class Rep>
void PrintTo(const Strong<Tag, Rep>& strong, std::ostream* out) {
  *out << strong.value();
}

/// A number that a later version of the program might write.
template <class Enum>
Enum unlisted(std::uint8_t number) {
  return static_cast<Enum>(number);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange): as meant
}

inline Line line(std::string_view product, Quantity quantity) { return {sku(product), quantity}; }
inline StockedLine stocked(std::string_view product, Quantity quantity, Units stock_after,
                           std::uint64_t version) {
  return {sku(product), quantity, stock_after, StreamVersion(version)};
}

inline CommandBody registered(std::string_view product, Units stock) {
  return RegisterProduct{sku(product), "the product " + std::string(product), stock};
}
inline CommandBody received(std::string_view product, Quantity quantity) {
  return ReceiveStock{sku(product), quantity, "delivery"};
}
inline CommandBody written_off(std::string_view product, Quantity quantity) {
  return WriteOffStock{sku(product), quantity, "broken"};
}
inline CommandBody retired(std::string_view product) { return RetireProduct{sku(product)}; }
inline CommandBody drafted(std::string_view order, Lines lines) {
  return DraftOrder{order_id(order), std::move(lines)};
}
inline CommandBody placed(std::string_view order, Lines lines) {
  return PlaceOrder{order_id(order), std::move(lines)};
}
inline CommandBody placed_draft(std::string_view order) { return PlaceOrder{order_id(order), {}}; }
inline CommandBody aborted(std::string_view order) { return AbortOrder{order_id(order), "changed my mind"}; }
inline CommandBody fulfilled(std::string_view order) { return FulfilOrder{order_id(order), "sent"}; }

/// Aggregates in two maps.
class PlainAggregates final : public Aggregates {
 public:
  [[nodiscard]] const Product* find(const Sku& id) const override { return find_in(products_, id); }
  [[nodiscard]] const Order* find(const OrderId& id) const override { return find_in(orders_, id); }
  std::optional<Product>& edit(const Sku& id) override { return products_[id]; }
  std::optional<Order>& edit(const OrderId& id) override { return orders_[id]; }

 private:
  template <class Id, class State>
  static const State* find_in(const std::map<Id, std::optional<State>>& map, const Id& id) {
    const auto found = map.find(id);
    return found != map.end() && found->second ? &*found->second : nullptr;
  }

  std::map<Sku, std::optional<Product>> products_;
  std::map<OrderId, std::optional<Order>> orders_;
};

/// The event that a decision becomes at `position`.
inline RecordedEvent record(const Decision& decision, GlobalPosition position, std::string actor = "alice") {
  RecordedEvent event;
  event.position = position;
  event.time = UnixMillis(1'000 + static_cast<std::int64_t>(position.value()));
  event.version = decision.version;
  event.actor = std::move(actor);
  event.event = decision.event;
  return event;
}

/// Why a command was refused. State and actual version are those of the subject in the story.
struct Why {
  Rule rule = Rule::unknown_product;
  std::string_view subject;
  std::optional<std::uint64_t> obstacle = std::nullopt;
  Units requested = 0;
  ExpectedVersion expected = {};
};

/// The events so far: the event of the n-th command is at position n, by alice.
class Story {
 public:
  Story(std::initializer_list<CommandBody> commands) {
    for (const CommandBody& command : commands) happens(command);
  }
  explicit Story(const std::vector<CommandBody>& commands) {
    for (const CommandBody& command : commands) happens(command);
  }

  const RecordedEvent& happens(const CommandBody& body) {
    const auto decision = decide(aggregates_, command(body));
    if (!decision) {
      ADD_FAILURE() << "given a command that is refused: " << message_of(decision.error());
      std::abort();
    }
    events_.push_back(record(*decision, GlobalPosition(events_.size() + 1)));
    const auto evolved = evolve(aggregates_, events_.back());
    EXPECT_TRUE(evolved) << evolved.error().what;
    return events_.back();
  }

  class Outcome {
   public:
    Outcome(const Story& story, std::expected<Decision, Refusal> verdict)
        : story_(story), verdict_(std::move(verdict)) {}

    void then(const Event& event, std::uint64_t version,
              std::source_location where = std::source_location::current()) const {
      const testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "then");
      ASSERT_TRUE(verdict_) << message_of(verdict_.error());
      EXPECT_EQ(verdict_->event, event);
      EXPECT_EQ(verdict_->version, StreamVersion(version));
    }

    void then_refused(const Why& why, std::source_location where = std::source_location::current()) const {
      const testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "then refused");
      ASSERT_FALSE(verdict_) << name_of(type_of(verdict_->event));
      Refusal expected;
      expected.rule = why.rule;
      expected.subject = StreamId::parse(why.subject);
      story_.describe(*expected.subject, expected);
      if (why.obstacle) expected.obstacle = GlobalPosition(*why.obstacle);
      expected.expected = why.expected;
      expected.requested = why.requested;
      const Refusal& found = verdict_.error();
      EXPECT_EQ(found.rule, expected.rule);
      EXPECT_EQ(found.subject, expected.subject);
      EXPECT_EQ(found.obstacle, expected.obstacle);
      EXPECT_EQ(found.actual, expected.actual);
      EXPECT_EQ(found.requested, expected.requested);
      EXPECT_EQ(found, expected);
    }

    [[nodiscard]] std::string_view rule() const {
      return verdict_ ? "accepted" : name_of(verdict_.error().rule);
    }
    [[nodiscard]] std::string message() const { return verdict_ ? "accepted" : message_of(verdict_.error()); }

   private:
    const Story& story_;
    std::expected<Decision, Refusal> verdict_;
  };

  [[nodiscard]] Outcome when(const CommandBody& body,
                             ExpectedVersion expected = ExpectedVersion::any()) const {
    return {*this, decide(aggregates_, command(body, expected))};
  }

  [[nodiscard]] const Product& product(std::string_view id) const { return *aggregates_.find(sku(id)); }
  [[nodiscard]] const Order& order(std::string_view id) const { return *aggregates_.find(order_id(id)); }
  [[nodiscard]] const RecordedEvent& last() const { return events_.back(); }
  [[nodiscard]] PlainAggregates& aggregates() { return aggregates_; }

 private:
  static Command command(const CommandBody& body, ExpectedVersion expected = ExpectedVersion::any()) {
    return {body, expected, std::nullopt, "alice"};
  }

  void describe(const StreamId& stream, Refusal& refusal) const {
    const auto put = [&](const auto* state) {
      if (state == nullptr) return;
      refusal.state = *state;
      refusal.actual = state->version;
    };
    if (stream.kind == AggregateKind::product) return put(aggregates_.find(sku(stream.id)));
    put(aggregates_.find(order_id(stream.id)));
  }

  PlainAggregates aggregates_;
  std::vector<RecordedEvent> events_;
};

inline Story given(std::initializer_list<CommandBody> commands) { return Story(commands); }

}  // namespace stockfold
