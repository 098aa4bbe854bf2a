#include "server/http/order_object.h"

#include <utility>

#include "protocol/text/json_object.h"

namespace stockfold {

namespace json = boost::json;

namespace {

std::string_view code_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::draft:
      return "DR";
    case OrderStatus::in_progress:
      return "PR";
    case OrderStatus::aborted:
      return "AB";
    case OrderStatus::fulfilled:
      return "FU";
  }
  return "?";
}

}  // namespace

json::object order_object(std::string_view id, const Lines& lines, OrderStatus status, json::object rest) {
  json::object object{{"id", id}};
  if (lines.size() == 1) object.emplace("product", lines.front().sku.view());
  object.emplace("status", name_of(status));
  object.emplace("status_code", code_of(status));
  for (auto& [name, value] : rest) object.emplace(name, std::move(value));
  if (!object.contains("lines")) object.emplace("lines", lines_array(lines));
  return object;
}

}  // namespace stockfold
