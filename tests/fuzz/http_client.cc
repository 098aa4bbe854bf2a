#include "fuzz/http_client.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "server/http/target.h"

namespace stockfold {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

/// Method, target, and fields; lines are "lines" of objects.
struct Written {
  http::verb method = http::verb::post;
  std::string target;
  json::object fields;
};

json::array lines_of(const Lines& lines) {
  json::array array;
  for (const Line& line : lines) array.push_back({{"sku", line.sku.view()}, {"quantity", line.quantity}});
  return array;
}

struct Write {
  Written operator()(const RegisterProduct& product) const {
    return {.target = "/product/",
            .fields = {{"sku", product.sku.view()}, {"name", product.name}, {"stock", product.stock}}};
  }
  Written operator()(const ReceiveStock& receive) const {
    return {.target = "/product/" + receive.sku.str() + "/receive/",
            .fields = {{"quantity", receive.quantity}, {"reason", receive.reason}}};
  }
  Written operator()(const WriteOffStock& write_off) const {
    return {.target = "/product/" + write_off.sku.str() + "/write-off/",
            .fields = {{"quantity", write_off.quantity}, {"reason", write_off.reason}}};
  }
  Written operator()(const RetireProduct& retire) const {
    return {.target = "/product/" + retire.sku.str() + "/retire/", .fields = {}};
  }
  Written operator()(const DraftOrder& draft) const {
    return {.target = "/order/", .fields = order(draft.order, draft.lines, true)};
  }
  Written operator()(const PlaceOrder& place) const {
    if (place.lines.empty()) return {.target = "/order/" + place.order->str() + "/place/", .fields = {}};
    return {.target = "/order/", .fields = order(place.order, place.lines, false)};
  }
  Written operator()(const AbortOrder& abort) const {
    return {.method = http::verb::put,
            .target = "/order/" + abort.order.str() + "/abort/",
            .fields = {{"reason", abort.reason}}};
  }
  Written operator()(const FulfilOrder& fulfil) const {
    return {.method = http::verb::patch,
            .target = "/order/" + fulfil.order.str() + "/fulfil/",
            .fields = {{"reason", fulfil.reason}}};
  }

 private:
  static json::object order(const std::optional<OrderId>& id, const Lines& lines, bool draft) {
    json::object fields{{"lines", lines_of(lines)}, {"draft", draft}};
    if (id) fields["id"] = id->view();
    return fields;
  }
};

Written written(const Command& command) {
  Written request = std::visit(Write{}, command.body);
  if (!command.actor.empty()) request.fields["actor"] = command.actor;
  return request;
}

HttpRequest request_of(const Written& written, const Command& command, std::string_view type,
                       std::string body) {
  HttpRequest request(written.method, written.target, 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::content_type, {type.data(), type.size()});
  if (command.identity) request.set("Idempotency-Key", to_uuid(command.identity->id.bytes));
  if (command.expected == ExpectedVersion::no_stream()) {
    request.set(http::field::if_none_match, "*");
  } else if (const auto version = command.expected.version()) {
    request.set(http::field::if_match, "\"" + std::to_string(version->value()) + "\"");
  }
  request.body() = std::move(body);
  return request;
}

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  return json::serialize(value);
}

bool same(const HttpRequest& one, const HttpRequest& other) {
  return one.version() == other.version() && one.method_string() == other.method_string() &&
         one.target() == other.target() && one.body() == other.body() &&
         std::ranges::equal(one, other, [](const auto& line, const auto& other_line) {
           return line.name_string() == other_line.name_string() && line.value() == other_line.value();
         });
}

}  // namespace

HttpRequest as_json(const Command& command) {
  const Written request = written(command);
  return request_of(request, command, "application/json", json::serialize(request.fields));
}

HttpRequest as_form(const Command& command) {
  const Written request = written(command);
  std::string form;
  const auto add = [&form](std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form.append(name).append("=").append(percent_encoded(value));
  };
  for (const auto& [name, value] : request.fields) {
    if (const auto* lines = value.if_array()) {
      for (const json::value& line : *lines) {
        add("line", text_of(line.at("sku")) + "=" + text_of(line.at("quantity")));
      }
    } else {
      add({name.data(), name.size()}, text_of(value));
    }
  }
  return request_of(request, command, "application/x-www-form-urlencoded", std::move(form));
}

bool same_requests(const std::vector<HttpRequest>& some, const std::vector<HttpRequest>& others) {
  return std::ranges::equal(some, others, same);
}

}  // namespace stockfold
