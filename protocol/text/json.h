// The shapes of `--json`: each function makes one object, on one line, without its line end.
#pragma once

#include <string>
#include <string_view>

#include "core/answer.h"
#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/refusal.h"
#include "core/state.h"

namespace stockfold {

[[nodiscard]] std::string json_of(const Answer& answer);
[[nodiscard]] std::string json_of(const Refusal& refusal);
/// Of a request that no answer was formed for.
[[nodiscard]] std::string json_of(Rule rule, std::string_view message);
[[nodiscard]] std::string json_of(const Sku& sku, const Product& product, GlobalPosition as_of);
[[nodiscard]] std::string json_of(const OrderId& id, const Order& order, GlobalPosition as_of);
[[nodiscard]] std::string json_of(const Sku& sku, const DayMovements& day, GlobalPosition as_of);
[[nodiscard]] std::string json_of(const RecordedEvent& event);

}  // namespace stockfold
