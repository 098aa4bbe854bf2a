#include "projections/audit/log_audit.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/evolve.h"
#include "core/refusal.h"

namespace stockfold {
namespace {

std::unexpected<Fault> violation(GlobalPosition position, std::string what) {
  return std::unexpected(corruption(position, std::move(what)));
}

const OrderId* order_of(const RecordedEvent& recorded) {
  return std::visit(
      [](const auto& event) -> const OrderId* {
        if constexpr (requires { event.order; }) return &event.order;
        return nullptr;
      },
      recorded.event);
}

/// Whether the state that a refusal quotes breaks the rule that the refusal names. False for rules whose
/// refusals are not recorded.
bool breaks_its_rule(const Refusal& refusal) {
  const auto* product = std::get_if<Product>(&refusal.state);
  const auto* order = std::get_if<Order>(&refusal.state);
  const bool nothing = std::holds_alternative<std::monostate>(refusal.state);
  const auto is_order = [order](OrderStatus status) { return order != nullptr && order->status == status; };
  switch (refusal.rule) {
    case Rule::unknown_product:
    case Rule::unknown_order:
      return nothing;
    case Rule::product_retired:
      return product != nullptr && product->retired;
    case Rule::product_exists:
      return product != nullptr;
    case Rule::insufficient_stock:
      return product != nullptr && product->stock() < refusal.requested;
    case Rule::stock_overflow:
      return product != nullptr && refusal.requested > kMaxUnits - product->received;
    case Rule::order_exists:
      return order != nullptr;
    case Rule::order_not_draft:
      return order != nullptr && order->status != OrderStatus::draft;
    case Rule::order_already_aborted:
      return is_order(OrderStatus::aborted);
    case Rule::order_already_fulfilled:
      return is_order(OrderStatus::fulfilled);
    case Rule::order_not_in_progress:
      return order != nullptr && order->status != OrderStatus::in_progress;
    case Rule::version_conflict:
      return !refusal.expected.accepts(refusal.actual);
    case Rule::command_id_reused:
      return false;
  }
  return false;
}

StreamVersion version_of(const AggregateState& state) {
  return std::visit(
      [](const auto& aggregate) {
        if constexpr (requires { aggregate.version; }) return aggregate.version;
        return StreamVersion(0);
      },
      state);
}

}  // namespace

LogAudit::LogAudit(const std::filesystem::path& scratch, std::size_t key_bytes)
    : orders_(scratch, "orders", key_bytes), command_ids_(scratch, "command-ids", key_bytes) {}

Result<void> LogAudit::follow(const Commit& commit) {
  if (commit.time < time_) {
    return violation(commit.first(), "expected a time of at least " + std::to_string(time_.value()) +
                                         ", found " + std::to_string(commit.time.value()));
  }
  time_ = commit.time;
  for (const RecordedEvent& event : commit.events) {
    if (auto sound = check(event); !sound) return sound;
  }
  ++figures_.commits;
  figures_.events += commit.events.size();
  return {};
}

Result<void> LogAudit::check(const RecordedEvent& event) {
  if (event.identity) {
    const auto& id = event.identity->id.bytes;
    auto added =
        command_ids_.add({reinterpret_cast<const char*>(id.data()), id.size()}, event.position, event.actor);
    if (!added) return added;
  }
  if (std::holds_alternative<CommandRefused>(event.event)) return check_refusal(event);
  if (const OrderId* order = order_of(event)) {
    if (auto folded = fold_order(*order, event); !folded) return folded;
  }
  Result<void> folded;
  for_each_product(event, [&](const Sku& sku, StreamVersion) {
    if (folded) folded = evolve(products_[products_.add(sku).first].value, sku, event);
  });
  return folded;
}

Result<void> LogAudit::fold_order(const OrderId& id, const RecordedEvent& event) {
  std::optional<Order> order;
  const auto found = open_.find(id);
  if (found != open_.end()) {
    order = std::move(found->second);
  } else if (event.version == StreamVersion(1)) {
    if (auto added = orders_.add(id.view(), event.position); !added) return added;
  } else {
    return violation(event.position, StreamId::of(id).str() + ": " +
                                         std::string(name_of(type_of(event.event))) +
                                         " cannot happen: it is neither a draft nor in progress");
  }
  if (auto folded = evolve(order, id, event); !folded) return folded;

  if (const auto* drafted = std::get_if<OrderDrafted>(&event.event)) {
    for (const Line& line : drafted->lines) {
      const std::optional<Product>& product = products_[products_.add(line.sku).first].value;
      if (product && !product->retired) continue;
      return violation(event.position, StreamId::of(id).str() + ": expected products that are sold, found " +
                                           StreamId::of(line.sku).str() +
                                           (product ? " retired" : " not registered"));
    }
  }
  if (!is_open(order->status)) {
    open_.erase(id);
  } else if (found != open_.end()) {
    found->second = *std::move(order);
  } else {
    open_.emplace(id, *std::move(order));
  }
  return {};
}

Result<void> LogAudit::check_refusal(const RecordedEvent& event) {
  ++figures_.refusals;
  const Refusal& refusal = std::get<CommandRefused>(event.event).refusal;
  const auto wrong = [&](const std::string& what) {
    return violation(event.position, "a refusal by " + std::string(name_of(refusal.rule)) + ": " + what);
  };
  if (!event.identity) return wrong("expected a command id, found none");
  if (!refusal.subject) return wrong("expected an aggregate, found none");
  if (!breaks_its_rule(refusal)) return wrong("the state that it quotes does not break the rule");
  if (version_of(refusal.state) != refusal.actual)
    return wrong("it quotes another version than its state has");
  if (refusal.obstacle && *refusal.obstacle >= event.position) {
    return wrong("expected an event in the way that lies before it, found position " +
                 std::to_string(refusal.obstacle->value()));
  }

  const std::string stream = refusal.subject->str();
  const auto* quoted = std::get_if<Order>(&refusal.state);
  if (refusal.subject->kind == AggregateKind::product) {
    const auto sku = Sku::parse(refusal.subject->id);
    if (!sku || quoted != nullptr) return wrong("it quotes something else than " + stream);
    const std::optional<Product>& product = products_[products_.add(*sku).first].value;
    const auto* state = std::get_if<Product>(&refusal.state);
    const bool same = product ? state != nullptr && *state == *product : state == nullptr;
    if (!same) return wrong(stream + " is quoted as it was not");
    return {};
  }
  const auto id = OrderId::parse(refusal.subject->id);
  if (!id || std::holds_alternative<Product>(refusal.state)) {
    return wrong("it quotes something else than " + stream);
  }
  const auto open = open_.find(*id);
  const bool same = open != open_.end() ? quoted != nullptr && *quoted == open->second
                                        : quoted == nullptr || !is_open(quoted->status);
  if (!same) return wrong(stream + " is quoted as it was not");
  return {};
}

Result<AuditFigures> LogAudit::finish() {
  auto order = orders_.finish();
  if (!order) return std::unexpected(std::move(order.error()));
  if (*order) {
    return violation((*order)->again, "expected an order id that was never taken, found that of event " +
                                          std::to_string((*order)->first.value()));
  }
  auto command = command_ids_.finish();
  if (!command) return std::unexpected(std::move(command.error()));
  if (*command) {
    return violation((*command)->again,
                     "expected a command id without an outcome, found one that has it in event " +
                         std::to_string((*command)->first.value()));
  }
  figures_.orders = orders_.size();
  figures_.open_orders = open_.size();
  figures_.command_ids = command_ids_.size();
  for (const auto& entry : products_.entries()) figures_.products += entry.value ? 1U : 0U;
  return figures_;
}

}  // namespace stockfold
