// The JSON of `--json`. Each function returns one object, on one line, without its line end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/refusal.h"
#include "core/state.h"
#include "protocol/answer.h"
#include "protocol/messages.h"

namespace stockfold {

[[nodiscard]] std::string json_of(const Answer& answer);
[[nodiscard]] std::string json_of(const Refusal& refusal);
[[nodiscard]] std::string json_of(const Failure& failure);
/// Of a request that is no command.
[[nodiscard]] std::string json_of(ErrorCode code, std::string_view message);
[[nodiscard]] std::string json_of(const Sku& sku, const Product& product, GlobalPosition as_of);
[[nodiscard]] std::string json_of(const OrderId& id, const Order& order, GlobalPosition as_of);
/// The same, with when and by whom the order was drafted, placed, aborted and fulfilled.
[[nodiscard]] std::string json_of(const OrderId& id, const Order& order, const std::vector<OrderStep>& steps,
                                  GlobalPosition as_of);
[[nodiscard]] std::string json_of(const Sku& sku, const DayMovements& day, GlobalPosition as_of);
[[nodiscard]] std::string json_of(const Sku& sku, std::string_view zone, const ZoneDayMovements& day,
                                  GlobalPosition as_of);
[[nodiscard]] std::string json_of(const RecordedEvent& event);

}  // namespace stockfold
