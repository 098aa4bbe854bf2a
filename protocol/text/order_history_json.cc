// The JSON of an order with when and by whom it was placed, aborted and so on.
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/statement.h"
#include "protocol/text/json.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"

namespace stockfold {

namespace json = boost::json;

void add_steps(json::object& object, const std::vector<OrderStep>& steps) {
  for (const OrderStep& step : steps) {
    const std::string done(done_to_order(step.type));
    if (done == "?") continue;  // a type of a later ledger
    object[done + "_at"] = rfc3339(step.time);
    object[done + "_by"] = step.actor.empty() ? json::value() : json::value(step.actor);
  }
}

std::string json_of(const OrderId& id, const Order& order, const std::vector<OrderStep>& steps,
                    GlobalPosition as_of) {
  json::object object = state_object(id, order);
  add_steps(object, steps);
  object.emplace("as_of", as_of.value());
  return json::serialize(object);
}

}  // namespace stockfold
