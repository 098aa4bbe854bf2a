// The fields of an order or product that a client sends back with a command. The ledger compares them with
// its own (docs/HTTP.md, "Sending a representation back").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/command.h"
#include "core/ids.h"
#include "server/http/fields.h"

namespace stockfold {

/// The fields of an answer that depend on the state: the ledger compares them. Fields that the path contains
/// as well are compared here. Fields that describe the moment of an answer, such as `as_of`, are ignored.
[[nodiscard]] std::vector<Claim> claims_in(HttpFields& fields, const OrderId& of);
[[nodiscard]] std::vector<Claim> claims_in(HttpFields& fields, const Sku& of);

/// Compares the fields of an order or product that the command creates: their values are known without the
/// ledger.
void compare_with_new_order(HttpFields& fields, OrderStatus status);
void compare_with_new_product(HttpFields& fields, const RegisterProduct& product);

/// The id in a field that has two names. If both are there, they must agree.
template <class Id>
std::optional<Id> id_of_either(HttpFields& fields, std::string_view name, std::string_view other_name) {
  const bool is_there = fields.has(name);
  const bool is_there_too = fields.has(other_name);
  if (!is_there && !is_there_too) return std::nullopt;
  const Id id = fields.id<Id>(is_there ? name : other_name);
  if (is_there && is_there_too && fields.id<Id>(other_name) != id) {
    fields.fail(other_name, "differs from " + std::string(name));
  }
  return id;
}

/// The stock of a product: a number, or {"SKU": number} as in answers to commands. Empty if it is left out.
[[nodiscard]] std::optional<Units> stock_in(HttpFields& fields, const Sku& of);

}  // namespace stockfold
