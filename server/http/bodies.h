// What a command says, by the fields of its request. What is wrong with them is among their faults.
#pragma once

#include "core/command.h"
#include "core/ids.h"
#include "server/http/fields.h"

namespace stockfold {

[[nodiscard]] RegisterProduct new_product(HttpFields& fields);
/// DraftOrder or PlaceOrder.
[[nodiscard]] CommandBody new_order(HttpFields& fields);

[[nodiscard]] ReceiveStock received(const Sku& sku, HttpFields& fields);
[[nodiscard]] WriteOffStock written_off(const Sku& sku, HttpFields& fields);
[[nodiscard]] RetireProduct retired(const Sku& sku, HttpFields& fields);
[[nodiscard]] PlaceOrder placed_draft(const OrderId& order, HttpFields& fields);
[[nodiscard]] AbortOrder aborted(const OrderId& order, HttpFields& fields);
[[nodiscard]] FulfilOrder fulfilled(const OrderId& order, HttpFields& fields);

}  // namespace stockfold
