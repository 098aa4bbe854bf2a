#include "core/claims.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "core/evolve.h"
#include "core/overloaded.h"

namespace stockfold {
namespace {

using Value = decltype(Claim::says);
using Values = std::vector<std::pair<std::string_view, Value>>;

constexpr std::string_view kContradicts = " is not as the request says: ";
constexpr std::string_view kAnd = ", ";

Values values_of(const Order& order) {
  const std::string status(name_of(order.status));
  Values values{{"status", status},
                {"status_code", status},
                {"lines", order.lines},
                {"version", order.version.value()}};
  if (order.lines.size() == 1) values.emplace_back("product", order.lines.front().sku.str());
  return values;
}

Values values_of(const Product& product) {
  return {{"name", product.name},
          {"stock", product.stock()},
          {"received", product.received},
          {"written_off", product.written_off},
          {"in_progress", product.in_progress},
          {"fulfilled", product.fulfilled},
          {"retired", product.retired},
          {"version", product.version.value()}};
}

bool holds(const Claim& claim, const Values& values) {
  return std::ranges::any_of(
      values, [&](const auto& value) { return value.first == claim.field && value.second == claim.says; });
}

/// The claims that hold neither before the event nor behind it.
template <class Id, class State>
std::optional<Refusal> contradiction(const State* before, const Id& id, const Command& command,
                                     const Decision& decision) {
  std::optional<State> after = before != nullptr ? std::optional(*before) : std::nullopt;
  // Only what the command itself changes is of interest: when it happens is not known yet.
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

  std::string fields;
  for (const Claim& claim : command.claims) {
    if (holds(claim, values)) continue;
    fields.append(fields.empty() ? "" : kAnd).append(claim.field);
  }
  if (fields.empty()) return std::nullopt;
  const StreamId subject = StreamId::of(id);
  Refusal refusal = refuse(Rule::invalid_argument, subject.str() + std::string(kContradicts) + fields);
  refusal.subject = subject;
  if (before != nullptr) {
    refusal.state = *before;
    refusal.actual = before->version;
    refusal.obstacle = before->changed_at;
  }
  return refusal;
}

}  // namespace

std::optional<Refusal> contradiction(const Aggregates& aggregates, const Command& command,
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

std::vector<std::string> contradicted_fields(const Refusal& refusal) {
  std::vector<std::string> fields;
  if (refusal.rule != Rule::invalid_argument || !refusal.subject) return fields;
  const std::size_t begin = refusal.detail.find(kContradicts);
  if (begin == std::string::npos) return fields;
  std::string_view rest = std::string_view(refusal.detail).substr(begin + kContradicts.size());
  while (!rest.empty()) {
    const std::string_view field = rest.substr(0, rest.find(kAnd));
    fields.emplace_back(field);
    rest.remove_prefix(std::min(field.size() + kAnd.size(), rest.size()));
  }
  return fields;
}

}  // namespace stockfold
