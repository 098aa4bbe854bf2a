// Commands from the fields of a request. What is wrong with the fields is added to their faults.
#pragma once

#include "core/command.h"
#include "core/ids.h"
#include "server/http/fields.h"

namespace stockfold {

[[nodiscard]] RegisterProduct new_product(HttpFields& fields);
/// A DraftOrder if the field `draft` is true, else a PlaceOrder.
[[nodiscard]] CommandBody new_order(HttpFields& fields);

[[nodiscard]] ReceiveStock received(const Sku& sku, HttpFields& fields);
[[nodiscard]] WriteOffStock written_off(const Sku& sku, HttpFields& fields);
[[nodiscard]] RetireProduct retired(const Sku& sku, HttpFields& fields);
[[nodiscard]] PlaceOrder placed_draft(const OrderId& order, HttpFields& fields);
[[nodiscard]] AbortOrder aborted(const OrderId& order, HttpFields& fields);
[[nodiscard]] FulfilOrder fulfilled(const OrderId& order, HttpFields& fields);

}  // namespace stockfold
