// Random histories, checked by an independent model and by the invariants of the domain.
#include "core/model.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/decide.h"
#include "core/event.h"
#include "core/evolve.h"
#include "core/given.h"
#include "core/outcome.h"
#include "core/random_asks.h"
#include "server/ledger/working_set.h"

namespace stockfold {

namespace {

rc::Gen<std::vector<Ask>> history() {
  return rc::gen::scale(2.0, rc::gen::container<std::vector<Ask>>(any_ask()));
}

/// The system under test: decides, records the decision and folds it.
class Subject {
 public:
  std::string handle(const Ask& ask) {
    const Command command = command_of(ask);
    RC_ASSERT(!malformation(command));
    const auto decision = decide(aggregates_, command);
    if (!decision) return std::string(name_of(decision.error().rule));
    events_.push_back(record(*decision, GlobalPosition(events_.size() + 1)));
    RC_ASSERT(evolve(aggregates_, events_.back()).has_value());
    return "";
  }

  [[nodiscard]] const PlainAggregates& aggregates() const { return aggregates_; }
  [[nodiscard]] const std::vector<RecordedEvent>& events() const { return events_; }

 private:
  PlainAggregates aggregates_;
  std::vector<RecordedEvent> events_;
};

void check_product(const Product* product, const Model::Account& account) {
  RC_ASSERT(product != nullptr);
  RC_ASSERT(account.stock() >= 0);
  RC_ASSERT(product->stock() == static_cast<Units>(account.stock()));
  RC_ASSERT(product->received == static_cast<Units>(account.received));
  RC_ASSERT(product->received <= kMaxUnits);
  RC_ASSERT(product->received >= product->written_off + product->in_progress + product->fulfilled);
  RC_ASSERT(product->retired == !account.open);
  RC_ASSERT(product->version.value() == account.moves.size());
}

void check_order(const Order* order, const Model::Slip& slip) {
  RC_ASSERT(order != nullptr);
  RC_ASSERT(name_of(order->status) == slip.statuses.back());
  RC_ASSERT(order->version.value() == slip.statuses.size());
  RC_ASSERT(order->lines.size() == slip.lines.size());
  for (const Line& asked : order->lines) RC_ASSERT(slip.lines.at(asked.sku.str()) == asked.quantity);
}

void check_agreement(const Subject& subject, const Model& model) {
  for (const std::string& id : asked_products()) {
    const Product* product = subject.aggregates().find(sku(id));
    if (model.accounts().contains(id)) check_product(product, model.accounts().at(id));
    RC_ASSERT((product != nullptr) == model.accounts().contains(id));
  }
  for (const std::string& id : asked_orders()) {
    const Order* order = subject.aggregates().find(order_id(id));
    if (model.slips().contains(id)) check_order(order, model.slips().at(id));
    RC_ASSERT((order != nullptr) == model.slips().contains(id));
  }
}

/// The answer about the latest event equals what the model has now.
void check_answer(const RecordedEvent& event, const Model& model) {
  const auto told = std::get<Accepted>(outcome_of(event));
  RC_ASSERT(told.position == event.position);
  if (told.status) {
    RC_ASSERT(name_of(*told.status) == model.slips().at(told.subject.id).statuses.back());
    RC_ASSERT(told.version.value() == model.slips().at(told.subject.id).statuses.size());
  }
  for (const auto& [product, stock] : told.stock) {
    RC_ASSERT(stock == static_cast<Units>(model.accounts().at(product.str()).stock()));
  }
}

Subject tell(const std::vector<Ask>& asks) {
  Subject subject;
  for (const Ask& ask : asks) subject.handle(ask);
  return subject;
}

RC_GTEST_PROP(RandomHistory, MatchesTheModel, ()) {
  const auto asks = *history();
  Subject subject;
  Model model;
  for (const Ask& ask : asks) {
    const std::string verdict = model.handle(ask);
    RC_ASSERT(subject.handle(ask) == verdict);
    if (verdict.empty()) check_answer(subject.events().back(), model);
    check_agreement(subject, model);
  }
}

RC_GTEST_PROP(RandomHistory, NumbersEveryStreamWithoutGaps, ()) {
  const Subject subject = tell(*history());
  std::map<StreamId, StreamVersion> versions;
  for (const RecordedEvent& event : subject.events()) {
    for (const auto& [stream, version] : streams_of(event)) {
      RC_ASSERT(version == versions[stream].next());
      versions[stream] = version;
    }
  }
}

RC_GTEST_PROP(RandomHistory, PlacesAndEndsEachOrderAtMostOnce, ()) {
  const Subject subject = tell(*history());
  std::map<OrderId, int> drafts;
  std::map<OrderId, int> placings;
  std::map<OrderId, int> ends;
  for (const RecordedEvent& event : subject.events()) {
    if (const auto* draft = std::get_if<OrderDrafted>(&event.event)) RC_ASSERT(++drafts[draft->order] == 1);
    if (const auto* placing = std::get_if<OrderPlaced>(&event.event))
      RC_ASSERT(++placings[placing->order] == 1);
    if (const auto* abort = std::get_if<OrderAborted>(&event.event)) RC_ASSERT(++ends[abort->order] == 1);
    if (const auto* fulfilment = std::get_if<OrderFulfilled>(&event.event)) {
      RC_ASSERT(++ends[fulfilment->order] == 1);
    }
  }
}

RC_GTEST_PROP(RandomHistory, KeepsProductTotalsEqualToOrders, ()) {
  const Subject subject = tell(*history());
  std::map<Sku, std::pair<Units, Units>> held;
  for (const std::string& id : asked_orders()) {
    const Order* order = subject.aggregates().find(order_id(id));
    if (order == nullptr) continue;
    for (const Line& taken : order->lines) {
      if (order->status == OrderStatus::in_progress) held[taken.sku].first += taken.quantity;
      if (order->status == OrderStatus::fulfilled) held[taken.sku].second += taken.quantity;
    }
  }
  for (const std::string& id : asked_products()) {
    const Product* product = subject.aggregates().find(sku(id));
    if (product == nullptr) continue;
    RC_ASSERT(product->in_progress == held[sku(id)].first);
    RC_ASSERT(product->fulfilled == held[sku(id)].second);
  }
}

RC_GTEST_PROP(RandomHistory, FoldsTheSamePerStream, ()) {
  const Subject subject = tell(*history());
  for (const std::string& id : asked_products()) {
    std::optional<Product> product;
    for (const RecordedEvent& event : subject.events()) {
      for (const StreamEntry& entry : streams_of(event)) {
        if (entry.stream == StreamId::of(sku(id))) RC_ASSERT(evolve(product, sku(id), event).has_value());
      }
    }
    const Product* whole = subject.aggregates().find(sku(id));
    RC_ASSERT(product.has_value() == (whole != nullptr));
    if (product) RC_ASSERT(*product == *whole);
  }
}

/// An event of a history cannot happen a second time, and omitting one is always noticed.
RC_GTEST_PROP(RandomHistory, FailsToFoldWithRepeatedOrMissingEvent, ()) {
  const Subject subject = tell(*history());
  RC_PRE(!subject.events().empty());
  const auto at = *rc::gen::inRange<std::size_t>(0, subject.events().size());
  PlainAggregates aggregates;
  for (std::size_t i = 0; i < at; ++i) RC_ASSERT(evolve(aggregates, subject.events()[i]).has_value());

  const auto streams = streams_of(subject.events()[at]);
  const auto follows = [&](const RecordedEvent& event) {
    for (const StreamEntry& entry : streams_of(event)) {
      if (entry.stream == streams.front().stream) return true;
    }
    return false;
  };
  const auto next = std::find_if(subject.events().begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                 subject.events().end(), follows);
  if (next != subject.events().end()) {
    PlainAggregates without = aggregates;
    RC_ASSERT(!evolve(without, *next).has_value());
  }
  RC_ASSERT(evolve(aggregates, subject.events()[at]).has_value());
  RC_ASSERT(!evolve(aggregates, subject.events()[at]).has_value());
}

/// What the ledger does with a working set: loads, decides, evolves, and then merges or drops the whole
/// commit. A plain copy of the aggregates stands for the views.
RC_GTEST_PROP(RandomHistory, YieldsSameDecisionsOnWorkingSet, ()) {
  using Commits = std::vector<std::pair<std::vector<Ask>, bool>>;
  const auto commits =
      *rc::gen::scale(0.3, rc::gen::container<Commits>(rc::gen::pair(history(), rc::gen::arbitrary<bool>())));
  WorkingSet set;
  PlainAggregates settled;
  const auto load = [&] {
    const auto state = [](const auto* found) {
      return found != nullptr ? std::optional(*found) : std::nullopt;
    };
    for (const std::string& id : asked_products()) {
      if (!set.known(sku(id))) set.load(sku(id), state(settled.find(sku(id))));
    }
    for (const std::string& id : asked_orders()) {
      if (!set.known(order_id(id))) set.load(order_id(id), state(settled.find(order_id(id))));
    }
  };

  std::uint64_t position = 0;
  for (const auto& [asks, written] : commits) {
    load();
    PlainAggregates pending = settled;
    for (const Ask& ask : asks) {
      const auto here = decide(set, command_of(ask));
      const auto there = decide(pending, command_of(ask));
      RC_ASSERT(here.has_value() == there.has_value());
      if (!here) {
        RC_ASSERT(here.error() == there.error());
        continue;
      }
      RC_ASSERT(here->event == there->event);
      const RecordedEvent event = record(*here, GlobalPosition(++position));
      RC_ASSERT(evolve(set, event).has_value());
      RC_ASSERT(evolve(pending, event).has_value());
    }
    written ? set.merge() : set.drop();
    if (written) settled = pending;
    set.evict(GlobalPosition(position), *rc::gen::inRange<std::size_t>(0, 4));
  }
}

}  // namespace
}  // namespace stockfold
