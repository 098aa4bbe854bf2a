// (state, event) -> state. Pure. An event that cannot happen in the present state is corruption.
#pragma once

#include <optional>

#include "core/aggregates.h"
#include "core/event.h"
#include "core/fault.h"
#include "core/state.h"

namespace stockfold {

/// Changes one product by an event that is in its stream. The fault names the position, the stream, what was
/// expected and what was found; `product` is then unchanged.
Result<void> evolve(std::optional<Product>& product, const Sku& sku, const RecordedEvent& event);

/// Changes one order likewise.
Result<void> evolve(std::optional<Order>& order, const OrderId& id, const RecordedEvent& event);

/// Changes every aggregate in whose stream the event is. After a fault, some of them may have changed.
Result<void> evolve(Aggregates& aggregates, const RecordedEvent& event);

}  // namespace stockfold
