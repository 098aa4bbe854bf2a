#include "tools/transfer/command_check.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/command.h"
#include "core/redecide.h"
#include "protocol/unicode/id_rules.h"
#include "server/ledger/working_set.h"
#include "storage/codec/body_hash.h"

namespace stockfold {
namespace {

std::unexpected<Fault> wrong(const RecordedEvent& event, const std::string& what) {
  return std::unexpected(
      corruption(event.position, std::string(name_of(type_of(event.event))) + ": " + what));
}

/// The command of an event that is not a refusal. If the order of an OrderPlaced had an event before it, that
/// order was a draft.
CommandBody command_of(const RecordedEvent& event) {
  WorkingSet before;
  if (const auto* placed = std::get_if<OrderPlaced>(&event.event)) {
    const bool of_draft = event.version > StreamVersion(1);
    before.load(placed->order, of_draft ? std::optional(Order()) : std::nullopt);
  }
  return *command_of(before, event.event);
}

/// The same command without the id of its order, which the ledger may have assigned.
std::optional<CommandBody> unnamed(const CommandBody& body) {
  if (const auto* draft = std::get_if<DraftOrder>(&body)) return DraftOrder{std::nullopt, draft->lines};
  const auto* place = std::get_if<PlaceOrder>(&body);
  if (place != nullptr && !place->lines.empty()) return PlaceOrder{std::nullopt, place->lines};
  return std::nullopt;
}

bool is_hash_of(const BodyHash& hash, const CommandBody& body, StreamVersion before) {
  return hash == body_hash(body, ExpectedVersion::any()) ||
         hash == body_hash(body, ExpectedVersion::exactly(before));
}

Result<void> check_accepted(const RecordedEvent& event) {
  const CommandBody body = command_of(event);
  if (const auto malformed = id_malformation(body)) return wrong(event, *malformed);
  if (const auto malformed = malformation({body, ExpectedVersion::any(), event.identity, event.actor})) {
    return wrong(event, *malformed);
  }
  if (!event.identity) return {};
  const StreamVersion before(event.version.value() - 1);
  if (is_hash_of(event.identity->body, body, before)) return {};
  const auto without_id = unnamed(body);
  if (without_id && is_hash_of(event.identity->body, *without_id, before)) return {};
  return wrong(event, "expected the body hash of its command, found another");
}

/// Loads only the state that a refusal quotes. A decision on an order checks its products last, and none of
/// these refusals comes from that check. So the products need only allow any order.
void load_quoted_state(const Refusal& refusal, WorkingSet& state) {
  if (refusal.subject->kind == AggregateKind::product) {
    const auto* product = std::get_if<Product>(&refusal.state);
    const auto sku = Sku::parse(refusal.subject->id);
    if (sku) state.load(*sku, product != nullptr ? std::optional(*product) : std::nullopt);
    return;
  }
  const auto id = OrderId::parse(refusal.subject->id);
  const auto* order = std::get_if<Order>(&refusal.state);
  if (id) state.load(*id, order != nullptr ? std::optional(*order) : std::nullopt);
  if (order == nullptr) return;
  for (const Line& line : order->lines) {
    state.load(line.sku, Product{.received = line.quantity, .in_progress = line.quantity});
  }
}

Result<void> check_refused(const RecordedEvent& event, const CommandRefused& refused) {
  // Nothing but the actor of this command can be malformed.
  const Command sender{RetireProduct{*Sku::parse("any")}, {}, {}, event.actor};
  if (const auto malformed = malformation(sender)) return wrong(event, *malformed);
  if (const auto& subject = refused.refusal.subject) {
    if (const auto malformed = id_malformation(subject->id)) return wrong(event, "the subject " + *malformed);
  }
  WorkingSet state;
  if (refused.refusal.subject) load_quoted_state(refused.refusal, state);
  return redecide(state, event);
}

}  // namespace

Result<void> check_command(const RecordedEvent& event) {
  const auto* refused = std::get_if<CommandRefused>(&event.event);
  return refused != nullptr ? check_refused(event, *refused) : check_accepted(event);
}

}  // namespace stockfold
