#include "core/statement.h"

#include <algorithm>
#include <string>
#include <variant>

#include "core/overloaded.h"

namespace stockfold {
namespace {

std::int64_t plus(Units units) { return static_cast<std::int64_t>(units); }
std::int64_t minus(Units units) { return -plus(units); }

template <class OrderEvent>
std::optional<Movement> of_line(const OrderEvent& event, const Sku& sku, MovementKind kind, int sign) {
  const auto line = std::ranges::find(event.lines, sku, &StockedLine::sku);
  if (line == event.lines.end()) return std::nullopt;
  return Movement{.kind = kind,
                  .order = event.order,
                  .quantity = line->quantity,
                  .change = sign * plus(line->quantity),
                  .balance = line->stock_after,
                  .version = line->version};
}

}  // namespace

std::string_view name_of(MovementKind kind) {
  switch (kind) {
    case MovementKind::registered:
      return "registered";
    case MovementKind::received:
      return "received";
    case MovementKind::written_off:
      return "written_off";
    case MovementKind::taken:
      return "taken";
    case MovementKind::given_back:
      return "given_back";
    case MovementKind::made_final:
      return "made_final";
    case MovementKind::retired:
      return "retired";
  }
  return "?";
}

std::optional<Movement> movement_of(const RecordedEvent& event, const Sku& sku) {
  const auto of_product = [&](const Sku& moved, MovementKind kind, Units quantity, std::int64_t change,
                              Units balance) -> std::optional<Movement> {
    if (moved != sku) return std::nullopt;
    return Movement{kind, std::nullopt, quantity, change, balance, event.version};
  };
  return std::visit(
      Overloaded{
          [&](const ProductRegistered& e) {
            return of_product(e.sku, MovementKind::registered, e.stock, plus(e.stock), e.stock);
          },
          [&](const StockReceived& e) {
            return of_product(e.sku, MovementKind::received, e.quantity, plus(e.quantity), e.stock_after);
          },
          [&](const StockWrittenOff& e) {
            return of_product(e.sku, MovementKind::written_off, e.quantity, minus(e.quantity), e.stock_after);
          },
          [&](const ProductRetired& e) {
            return of_product(e.sku, MovementKind::retired, 0, 0, e.stock_after);
          },
          [&](const OrderPlaced& e) { return of_line(e, sku, MovementKind::taken, -1); },
          [&](const OrderAborted& e) {
            return e.was_draft ? std::nullopt : of_line(e, sku, MovementKind::given_back, 1);
          },
          [&](const OrderFulfilled& e) { return of_line(e, sku, MovementKind::made_final, 0); },
          [](const auto& /*moves no stock*/) -> std::optional<Movement> { return std::nullopt; },
      },
      event.event);
}

Result<Movement> ProductStatement::add(const RecordedEvent& event) {
  const auto movement = movement_of(event, sku_);
  if (!movement) {
    return std::unexpected(corruption(event.position, StreamId::of(sku_).str() +
                                                          ": expected an event of this stream, found " +
                                                          std::string(name_of(type_of(event.event)))));
  }
  if (auto sound = check(*movement, event.position); !sound) return std::unexpected(std::move(sound.error()));
  if (!opening_) opening_ = static_cast<Units>(plus(movement->balance) - movement->change);
  balance_ = movement->balance;
  version_ = movement->version;
  count(*movement);
  return *movement;
}

Result<void> ProductStatement::check(const Movement& movement, GlobalPosition position) const {
  const auto fault = [&](const std::string& what) {
    return std::unexpected(corruption(position, StreamId::of(sku_).str() + ": " + what));
  };
  const auto differs = [&](const std::string& what, std::int64_t expected, std::uint64_t found) {
    return fault("expected " + what + " " + std::to_string(expected) + ", found " + std::to_string(found));
  };
  if ((movement.kind == MovementKind::registered) != (movement.version == StreamVersion(1))) {
    return fault(std::string(name_of(movement.kind)) + " cannot happen at version " +
                 std::to_string(movement.version.value()));
  }
  if (balance_ && movement.version != version_.next()) {
    return differs("version", plus(version_.value() + 1), movement.version.value());
  }
  const std::int64_t implied = plus(movement.balance) - movement.change;
  const std::int64_t before = balance_ ? plus(*balance_) : std::max(implied, std::int64_t{0});
  const std::int64_t after = before + movement.change;
  if (after != plus(movement.balance)) return differs("stock after it", after, movement.balance);
  return {};
}

void ProductStatement::count(const Movement& movement) {
  ++movements_;
  switch (movement.kind) {
    case MovementKind::registered:
    case MovementKind::received:
      turnover_.received += movement.quantity;
      break;
    case MovementKind::written_off:
      turnover_.written_off += movement.quantity;
      break;
    case MovementKind::taken:
      turnover_.in_progress += plus(movement.quantity);
      break;
    case MovementKind::given_back:
      turnover_.in_progress -= plus(movement.quantity);
      break;
    case MovementKind::made_final:
      turnover_.in_progress -= plus(movement.quantity);
      turnover_.fulfilled += movement.quantity;
      break;
    case MovementKind::retired:
      break;
  }
}

bool ProductStatement::adds_up() const {
  const auto sum = plus(opening_.value_or(0)) + plus(turnover_.received) - plus(turnover_.written_off) -
                   turnover_.in_progress - plus(turnover_.fulfilled);
  return sum == plus(balance_.value_or(0));
}

// ---- orders -----------------------------------------------------------------------------------------------

namespace {

template <class AnyLines>
std::vector<LineEffect> without_effect(const AnyLines& lines) {
  std::vector<LineEffect> effects;
  effects.reserve(lines.size());
  for (const auto& line : lines) effects.push_back({line.sku, line.quantity, 0, std::nullopt});
  return effects;
}

std::vector<LineEffect> with_effect(const StockedLines& lines, int sign) {
  std::vector<LineEffect> effects;
  effects.reserve(lines.size());
  for (const StockedLine& line : lines) {
    effects.push_back({line.sku, line.quantity, sign * std::int64_t{line.quantity}, line.stock_after});
  }
  return effects;
}

}  // namespace

std::vector<LineEffect> effects_of(const Event& event) {
  return std::visit(Overloaded{
                        [](const OrderDrafted& e) { return without_effect(e.lines); },
                        [](const OrderPlaced& e) { return with_effect(e.lines, -1); },
                        [](const OrderAborted& e) {
                          return e.was_draft ? without_effect(e.lines) : with_effect(e.lines, 1);
                        },
                        [](const OrderFulfilled& e) { return with_effect(e.lines, 0); },
                        [](const auto& /*of no order*/) { return std::vector<LineEffect>(); },
                    },
                    event);
}

std::string_view done_to_order(EventType type) {
  switch (type) {
    case EventType::order_drafted:
      return "drafted";
    case EventType::order_placed:
      return "placed";
    case EventType::order_aborted:
      return "aborted";
    case EventType::order_fulfilled:
      return "fulfilled";
    default:
      return "?";
  }
}

}  // namespace stockfold
