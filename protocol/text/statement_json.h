// Entries of statements as objects: what `stockfold explain --json` prints, and HTTP answers.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "core/event.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"
#include "core/statement.h"

namespace stockfold {

// Of a product. `stock`: before the first position that is counted, `from`. `to`: the last one.
[[nodiscard]] boost::json::object opening_entry(const Sku& sku, Units stock, GlobalPosition from);
[[nodiscard]] boost::json::object entry_of(const RecordedEvent& event, const Movement& movement);
[[nodiscard]] boost::json::object closing_entry(const Sku& sku, const ProductStatement& statement,
                                                Units stock, GlobalPosition to);

// Of an order, whose state is empty while there is none.
[[nodiscard]] boost::json::object opening_entry(const OrderId& id, const std::optional<Order>& order,
                                                GlobalPosition from);
/// `order`: what the event made of it.
[[nodiscard]] boost::json::object entry_of(const RecordedEvent& event, const Order& order);
[[nodiscard]] boost::json::object closing_entry(const OrderId& id, const std::optional<Order>& order,
                                                GlobalPosition to);

/// The object's text, and a line end.
[[nodiscard]] std::string line_of(const boost::json::object& object);

}  // namespace stockfold
