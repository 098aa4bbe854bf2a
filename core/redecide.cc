#include "core/redecide.h"

#include <string>
#include <utility>
#include <variant>

#include "core/decide.h"
#include "core/evolve.h"
#include "core/lines.h"
#include "core/overloaded.h"
#include "core/rules.h"

namespace stockfold {
namespace {

std::unexpected<Fault> fault(const RecordedEvent& event, const std::string& what) {
  return std::unexpected(corruption(
      event.position, std::string(name_of(type_of(event.event))) + " cannot have happened: " + what));
}

// ---- what was accepted ------------------------------------------------------------------------------------

Result<void> redecide_accepted(Aggregates& aggregates, const RecordedEvent& event, const CommandBody& body) {
  const auto decision = decide(aggregates, {body, ExpectedVersion::any(), {}, {}});
  if (!decision) return fault(event, message_of(decision.error()));
  if (decision->event == event.event && decision->version == event.version) return {};
  if (auto evolved = evolve(aggregates, event); !evolved) return evolved;  // its fault names what differs
  return fault(event, "deciding its command gives another event");
}

// ---- what was refused -------------------------------------------------------------------------------------

Quantity requested(const Refusal& refusal) {
  return is_quantity(refusal.requested) ? static_cast<Quantity>(refusal.requested) : 1;
}

/// A command about one product that a rule refuses as it refused the recorded one.
std::optional<CommandBody> command_about(CommandKind kind, const Sku& sku, Quantity quantity) {
  switch (kind) {
    case CommandKind::register_product:
      return RegisterProduct{sku, {}, 0};
    case CommandKind::receive_stock:
      return ReceiveStock{sku, quantity, {}};
    case CommandKind::write_off_stock:
      return WriteOffStock{sku, quantity, {}};
    case CommandKind::retire_product:
      return RetireProduct{sku};
    default:
      return std::nullopt;
  }
}

/// The same for an order, without lines: rules check lines last.
std::optional<CommandBody> command_about(CommandKind kind, const OrderId& order) {
  switch (kind) {
    case CommandKind::draft_order:
      return DraftOrder{order, {}};
    case CommandKind::place_order:
      return PlaceOrder{order, {}};
    case CommandKind::abort_order:
      return AbortOrder{order, {}};
    case CommandKind::fulfil_order:
      return FulfilOrder{order, {}};
    default:
      return std::nullopt;
  }
}

Breach refuse_again(const Aggregates& aggregates, const CommandBody& body, ExpectedVersion expected) {
  auto decision = decide(aggregates, {body, expected, {}, {}});
  return decision ? std::nullopt : Breach(std::move(decision.error()));
}

Breach refuse_line_again(const SeenProduct& product, CommandKind kind, Quantity quantity) {
  if (auto breach = unknown_product(product)) return breach;
  if (auto breach = product_retired(product)) return breach;
  return kind == CommandKind::place_order ? insufficient_stock(product, quantity) : std::nullopt;
}

Breach refuse_again(const Aggregates& aggregates, const CommandRefused& refused, const Sku& sku) {
  const Quantity quantity = requested(refused.refusal);
  if (const auto command = command_about(refused.command, sku, quantity)) {
    return refuse_again(aggregates, *command, refused.refusal.expected);
  }
  const bool has_lines =
      refused.command == CommandKind::draft_order || refused.command == CommandKind::place_order;
  return has_lines ? refuse_line_again(see(aggregates, sku), refused.command, quantity) : std::nullopt;
}

Breach refuse_again(const Aggregates& aggregates, const CommandRefused& refused, const OrderId& order) {
  const auto command = command_about(refused.command, order);
  if (!command) return std::nullopt;
  const bool placed_anew =
      refused.command == CommandKind::place_order && refused.refusal.rule == Rule::order_exists;
  if (placed_anew) return order_exists(see(aggregates, order));
  return refuse_again(aggregates, *command, refused.refusal.expected);
}

Result<void> redecide_refused(const Aggregates& aggregates, const RecordedEvent& event,
                              const CommandRefused& refused) {
  const Refusal& found = refused.refusal;
  if (!event.identity) return fault(event, "a refusal without a command id is not recorded");
  if (!found.subject) return fault(event, std::string(name_of(found.rule)) + " is never recorded");
  Breach expected;
  if (found.subject->kind == AggregateKind::product) {
    if (const auto sku = Sku::parse(found.subject->id)) expected = refuse_again(aggregates, refused, *sku);
  } else if (const auto order = OrderId::parse(found.subject->id)) {
    expected = refuse_again(aggregates, refused, *order);
  }
  if (!expected) return fault(event, std::string(name_of(refused.command)) + " was not to be refused");
  if (*expected == found) return {};
  return fault(event, "expected \"" + message_of(*expected) + "\", found \"" + message_of(found) +
                          "\" or another state with it");
}

}  // namespace

std::optional<CommandBody> command_of(const Aggregates& aggregates, const Event& event) {
  using Body = std::optional<CommandBody>;
  return std::visit(
      Overloaded{
          [](const ProductRegistered& e) -> Body { return RegisterProduct{e.sku, e.name, e.stock}; },
          [](const StockReceived& e) -> Body { return ReceiveStock{e.sku, e.quantity, e.reason}; },
          [](const StockWrittenOff& e) -> Body { return WriteOffStock{e.sku, e.quantity, e.reason}; },
          [](const ProductRetired& e) -> Body { return RetireProduct{e.sku}; },
          [](const OrderDrafted& e) -> Body { return DraftOrder{e.order, e.lines}; },
          [&](const OrderPlaced& e) -> Body {
            const bool of_draft = aggregates.find(e.order) != nullptr;
            return PlaceOrder{e.order, of_draft ? Lines() : without_stock(e.lines)};
          },
          [](const OrderAborted& e) -> Body { return AbortOrder{e.order, e.reason}; },
          [](const OrderFulfilled& e) -> Body { return FulfilOrder{e.order, e.reason}; },
          [](const CommandRefused& /*its command is not recorded*/) -> Body { return std::nullopt; },
      },
      event);
}

Result<void> redecide(Aggregates& aggregates, const RecordedEvent& event) {
  if (const auto* refused = std::get_if<CommandRefused>(&event.event)) {
    return redecide_refused(aggregates, event, *refused);
  }
  const auto body = command_of(aggregates, event.event);
  if (const auto wrong = malformation({*body, ExpectedVersion::any(), event.identity, event.actor})) {
    return fault(event, *wrong);
  }
  return redecide_accepted(aggregates, event, *body);
}

}  // namespace stockfold
