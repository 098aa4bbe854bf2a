// The JSON of `--json` as objects, on which HTTP's answers and exported logs build.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
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

/// The object that json_of() writes for an event.
[[nodiscard]] boost::json::object event_object(const RecordedEvent& event);
/// The object that json_of() writes for an accepted command.
[[nodiscard]] boost::json::object accepted_object(const Accepted& accepted, bool replayed);
/// The object that json_of() writes for a product or an order, without `as_of`.
[[nodiscard]] boost::json::object state_object(const Sku& sku, const Product& product);
[[nodiscard]] boost::json::object state_object(const OrderId& id, const Order& order);
/// Adds `placed_at` and `placed_by`, and the same of what else was done to the order: the last of each kind.
void add_steps(boost::json::object& object, const std::vector<OrderStep>& steps);
/// One day of movements, without product and zone.
[[nodiscard]] boost::json::object movements_object(const ZoneDayMovements& day);
[[nodiscard]] boost::json::array lines_array(const Lines& lines);
/// The name of a field as every representation has it. The fields of orders that only HTTP has are among
/// them.
[[nodiscard]] std::string_view name_of(StateField field);
/// The sentence of a contradiction, with the names of its fields.
[[nodiscard]] std::string message_with_fields(const Contradiction& contradiction);
/// What stands in the way of a command: the fields that follow `error` and `message`.
void add_obstacle(boost::json::object& object, const Refusal& refusal);
void add_obstacle(boost::json::object& object, const Contradiction& contradiction);
/// The same fields, each null.
void add_no_obstacle(boost::json::object& object);
/// Adds whether the answer is a replay, and when the outcome was decided, if that is known.
void add_replay(boost::json::object& object, const Answer& refused);

/// Appends the text of an object to `out`.
void append_json(const boost::json::object& object, std::string& out);

}  // namespace stockfold
