// The ids that the ledger assigns to orders: numbers, of which every life of a log has its own.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/command.h"
#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// How far the first numbers of one life lie from those of the next.
inline constexpr std::uint64_t kOrdersOfALife = 1'000'000'000;

/// The first number that is assigned in a life of the log: 1 in the first, and from then
/// on one that no life before has reached.
[[nodiscard]] constexpr std::uint64_t first_order_number(Epoch epoch) {
  return epoch > Epoch(1) ? (std::uint64_t{epoch.value()} - 1) * kOrdersOfALife + 1 : 1;
}

/// Whether the ledger is to assign the id of the order that the command creates.
[[nodiscard]] inline bool wants_order_id(const CommandBody& body) {
  if (const auto* draft = std::get_if<DraftOrder>(&body)) return !draft->order;
  if (const auto* place = std::get_if<PlaceOrder>(&body)) return !place->order;
  return false;
}

[[nodiscard]] inline OrderId numbered_order(std::uint64_t number) {
  return *OrderId::parse(std::to_string(number));
}

}  // namespace stockfold
