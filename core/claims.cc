#include "core/claims.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "core/evolve.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

using Value = decltype(Claim::says);
using Values = std::vector<std::pair<StateField, Value>>;

Values values_of(const Order& order) {
  Values values{{StateField::status, order.status},
                {StateField::status_code, order.status},
                {StateField::lines, order.lines},
                {StateField::version, order.version.value()}};
  if (order.lines.size() == 1) values.emplace_back(StateField::product, order.lines.front().sku.str());
  return values;
}

Values values_of(const Product& product) {
  return {{StateField::name, product.name},
          {StateField::stock, product.stock()},
          {StateField::received, product.received},
          {StateField::written_off, product.written_off},
          {StateField::in_progress, product.in_progress},
          {StateField::fulfilled, product.fulfilled},
          {StateField::retired, product.retired},
          {StateField::version, product.version.value()}};
}

bool holds(const Claim& claim, const Values& values) {
  return std::ranges::any_of(
      values, [&](const auto& value) { return value.first == claim.field && value.second == claim.says; });
}

/// The claims that hold neither before the event nor after it.
template <class Id, class State>
std::optional<Contradiction> contradiction(const State* before, const Id& id, const Command& command,
                                           const Decision& decision) {
  std::optional<State> after = before != nullptr ? std::optional(*before) : std::nullopt;
  // The event's position and time do not matter: no claim is about them.
  const GlobalPosition position = before != nullptr ? before->changed_at.next() : GlobalPosition(1);
  const auto evolved = evolve(after, id,
                              RecordedEvent{.position = position,
                                            .time = {},
                                            .version = decision.version,
                                            .identity = {},
                                            .actor = {},
                                            .event = decision.event});
  Values values = before != nullptr ? values_of(*before) : Values();
  if (evolved && after) std::ranges::move(values_of(*after), std::back_inserter(values));

  Contradiction found;
  for (const Claim& claim : command.claims) {
    if (!holds(claim, values)) found.fields.push_back(claim.field);
  }
  if (found.fields.empty()) return std::nullopt;
  found.subject = StreamId::of(id);
  if (before != nullptr) {
    found.state = *before;
    found.actual = before->version;
    found.obstacle = before->changed_at;
  }
  return found;
}

}  // namespace

std::optional<Contradiction> contradiction(const Aggregates& aggregates, const Command& command,
                                           const Decision& decision) {
  if (command.claims.empty()) return std::nullopt;
  const auto of = [&](const auto& id) { return contradiction(aggregates.find(id), id, command, decision); };
  return std::visit(Overloaded{
                        [&](const DraftOrder& c) { return of(*c.order); },
                        [&](const PlaceOrder& c) { return of(*c.order); },
                        [&](const AbortOrder& c) { return of(c.order); },
                        [&](const FulfilOrder& c) { return of(c.order); },
                        [&](const auto& c) { return of(c.sku); },
                    },
                    command.body);
}

}  // namespace stockfold
