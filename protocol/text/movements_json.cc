// The JSON of movements by day.
#include <boost/json.hpp>

#include "protocol/text/json.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"

namespace stockfold {

namespace json = boost::json;

namespace {

void add_fields(json::object& object, const MovementSums& sums) {
  object.emplace("placed", sums.placed);
  object.emplace("aborted", sums.aborted);
  object.emplace("fulfilled", sums.fulfilled);
  object.emplace("received", sums.received);
  object.emplace("written_off", sums.written_off);
  object.emplace("events", sums.events);
  object.emplace("returned", sums.returned);
  object.emplace("counted_up", sums.counted_up);
  object.emplace("counted_down", sums.counted_down);
  object.emplace("transferred_in", sums.transferred_in);
  object.emplace("transferred_out", sums.transferred_out);
}

void add_fields(json::object& object, const ZoneDayMovements& day) {
  object.emplace("day", date_text(day.day));
  object.emplace("begins", rfc3339(day.begin));
  object.emplace("ends", rfc3339(day.end));
  add_fields(object, day.sums);
}

}  // namespace

std::string json_of(const Sku& sku, const DayMovements& day, GlobalPosition as_of) {
  json::object object{{"sku", sku.view()}, {"day", date_text(day.day)}};
  add_fields(object, day.sums);
  object.emplace("as_of", as_of.value());
  return json::serialize(object);
}

std::string json_of(const Sku& sku, std::string_view zone, const ZoneDayMovements& day,
                    GlobalPosition as_of) {
  json::object object{{"sku", sku.view()}, {"zone", zone}};
  add_fields(object, day);
  object.emplace("as_of", as_of.value());
  return json::serialize(object);
}

json::object movements_object(const ZoneDayMovements& day) {
  json::object object;
  add_fields(object, day);
  return object;
}

}  // namespace stockfold
