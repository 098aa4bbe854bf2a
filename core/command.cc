#include "core/command.h"

#include <algorithm>
#include <utility>

#include "core/lines.h"
#include "core/utf8.h"
#include "core/variant_numbers.h"

namespace stockfold {
namespace {

static_assert(kHasDistinctNumbers<CommandBody>);

using Malformed = std::optional<std::string>;

constexpr char kFirstPrintable = 0x20;

bool is_control(char c) { return c >= 0 && c < kFirstPrintable; }

Malformed check_text(std::string_view argument, std::string_view text, std::size_t most) {
  auto wrong = text_malformation(text, most);
  if (wrong) wrong->insert(0, std::string(argument) + " ");
  return wrong;
}

Malformed check_new_id(std::string_view argument, std::string_view id) {
  if (!is_dots(id)) return std::nullopt;
  return std::string(argument) + " must not be made of dots alone";
}

Malformed check_reason(std::string_view reason) { return check_text("reason", reason, kMaxReasonBytes); }

Malformed check_sku(const Sku& sku) {
  return sku.empty() ? Malformed("sku must not be empty") : std::nullopt;
}

Malformed check_order(const OrderId& order) {
  return order.empty() ? Malformed("order must not be empty") : std::nullopt;
}

Malformed check_quantity(Quantity quantity) {
  if (is_quantity(quantity)) return std::nullopt;
  return "quantity must be 1 to " + std::to_string(kMaxQuantity);
}

Malformed check_stock(Units stock) {
  if (stock <= kMaxUnits) return std::nullopt;
  return "stock must be at most " + std::to_string(kMaxUnits);
}

Malformed check(const RegisterProduct& command) {
  if (auto wrong = check_sku(command.sku)) return wrong;
  if (auto wrong = check_text("name", command.name, kMaxNameBytes)) return wrong;
  return check_stock(command.stock);
}

Malformed check_movement(const Sku& sku, Quantity quantity, std::string_view reason) {
  if (auto wrong = check_sku(sku)) return wrong;
  if (auto wrong = check_quantity(quantity)) return wrong;
  return check_reason(reason);
}

Malformed check(const ReceiveStock& command) {
  return check_movement(command.sku, command.quantity, command.reason);
}

Malformed check(const WriteOffStock& command) {
  return check_movement(command.sku, command.quantity, command.reason);
}

Malformed check(const RetireProduct& command) { return check_sku(command.sku); }

Malformed check(const DraftOrder& command) {
  if (auto wrong = command.order.and_then(check_order)) return wrong;
  return malformation(command.lines);
}

Malformed check(const PlaceOrder& command) {
  if (auto wrong = command.order.and_then(check_order)) return wrong;
  if (!command.lines.empty()) return malformation(command.lines);
  if (!command.order) return "order must be given where there are no lines";
  return std::nullopt;
}

Malformed check(const AbortOrder& command) {
  if (auto wrong = check_order(command.order)) return wrong;
  return check_reason(command.reason);
}

Malformed check(const FulfilOrder& command) {
  if (auto wrong = check_order(command.order)) return wrong;
  return check_reason(command.reason);
}

Malformed check_new_order(const std::optional<OrderId>& order) {
  return order ? check_new_id("order", order->view()) : std::nullopt;
}

}  // namespace

CommandKind kind_of(const CommandBody& body) {
  return std::visit([]<class Body>(const Body&) { return Body::kKind; }, body);
}

bool is_about_product(CommandKind kind) {
  switch (kind) {
    case CommandKind::register_product:
    case CommandKind::receive_stock:
    case CommandKind::write_off_stock:
    case CommandKind::retire_product:
      return true;
    case CommandKind::draft_order:
    case CommandKind::place_order:
    case CommandKind::abort_order:
    case CommandKind::fulfil_order:
      return false;
  }
  return false;
}

std::size_t lines_in(const CommandBody& body) {
  if (const auto* draft = std::get_if<DraftOrder>(&body)) return draft->lines.size();
  if (const auto* place = std::get_if<PlaceOrder>(&body)) return place->lines.size();
  return 0;
}

std::string_view name_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::register_product:
      return "RegisterProduct";
    case CommandKind::receive_stock:
      return "ReceiveStock";
    case CommandKind::write_off_stock:
      return "WriteOffStock";
    case CommandKind::retire_product:
      return "RetireProduct";
    case CommandKind::draft_order:
      return "DraftOrder";
    case CommandKind::place_order:
      return "PlaceOrder";
    case CommandKind::abort_order:
      return "AbortOrder";
    case CommandKind::fulfil_order:
      return "FulfilOrder";
  }
  return "?";
}

std::expected<Lines, std::string> normalise(Lines lines) {
  std::ranges::sort(lines, {}, &Line::sku);
  Lines summed;
  summed.reserve(lines.size());
  for (const Line& line : lines) {
    const bool again = !summed.empty() && summed.back().sku == line.sku;
    const std::uint64_t sum = std::uint64_t{again ? summed.back().quantity : 0} + line.quantity;
    if (line.quantity == 0 || !is_quantity(sum)) return std::unexpected(quantity_malformation(line.sku));
    if (!again) summed.push_back(line);
    summed.back().quantity = static_cast<Quantity>(sum);
  }
  if (summed.size() > kMaxLines) return std::unexpected(too_many_lines());
  return summed;
}

std::optional<std::string> malformation(const Command& command) {
  if (auto wrong = std::visit([](const auto& body) { return check(body); }, command.body)) return wrong;
  return check_text("actor", command.actor, kMaxActorBytes);
}

std::optional<std::string> text_malformation(std::string_view text, std::size_t most) {
  if (text.size() > most) return "must be at most " + std::to_string(most) + " bytes";
  if (!is_utf8(text)) return "must be UTF-8";
  if (std::ranges::any_of(text, is_control)) return "must hold no control characters";
  return std::nullopt;
}

std::optional<std::string> new_id_malformation(const CommandBody& body) {
  if (const auto* product = std::get_if<RegisterProduct>(&body)) {
    return check_new_id("sku", product->sku.view());
  }
  if (const auto* draft = std::get_if<DraftOrder>(&body)) return check_new_order(draft->order);
  const auto* place = std::get_if<PlaceOrder>(&body);
  const bool makes_one = place != nullptr && !place->lines.empty();
  return makes_one ? check_new_order(place->order) : std::nullopt;
}

}  // namespace stockfold
