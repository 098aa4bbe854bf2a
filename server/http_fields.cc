#include "server/http_fields.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "server/arguments.h"
#include "server/http_target.h"

namespace stockfold {

namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

/// More than is ever needed: an object, its lines, one of them.
constexpr std::size_t kMaxDepth = 8;
/// Those of one product are summed; only then there are at most kMaxLines.
constexpr std::size_t kMaxSentLines = 1'024;

/// The media type of a body, in small letters and without parameters.
std::string media_type(const HttpRequest& request) {
  const auto field = request[http::field::content_type];
  std::string type(field.data(), field.size());
  type.resize(std::min(type.find(';'), type.size()));
  while (type.ends_with(' ')) type.pop_back();
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

std::string_view text_of(const json::value& value) {
  const json::string& text = value.get_string();
  return {text.data(), text.size()};
}

}  // namespace

std::expected<HttpFields, HttpProblem> HttpFields::of(const HttpRequest& request) {
  const std::string& body = request.body();
  if (body.empty()) return HttpFields();
  const std::string type = media_type(request);
  const bool is_form = type == "application/x-www-form-urlencoded";
  if (!is_form && type != "application/json") {
    return std::unexpected(
        HttpProblem{http::status::unsupported_media_type,
                    "unsupported_media_type",
                    "the Content-Type must be application/json or application/x-www-form-urlencoded",
                    {}});
  }
  auto fields = is_form ? of_form(body) : of_json(body);
  if (!fields) return std::unexpected(malformed("the body: " + fields.error()));
  return std::move(*fields);
}

std::expected<HttpFields, std::string> HttpFields::of_json(std::string_view body) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::value value = json::parse({body.data(), body.size()}, error, {}, options);
  if (error == json::error::too_deep) return std::unexpected("this JSON is nested too deeply");
  if (error) return std::unexpected("this is not JSON");
  if (!value.is_object()) return std::unexpected("the JSON must be an object");
  if (repeats_a_field(body, value)) return std::unexpected("a field is there twice");
  HttpFields fields;
  fields.object_ = std::move(value.get_object());
  return fields;
}

std::expected<HttpFields, std::string> HttpFields::of_form(std::string_view body) {
  auto parameters = parse_form(body);
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  HttpFields fields;
  fields.is_form_ = true;
  for (HttpParameter& parameter : *parameters) {
    if (parameter.name == "line") {
      fields.line_.push_back(std::move(parameter.value));
    } else if (!fields.object_.emplace(parameter.name, parameter.value).second) {
      return std::unexpected("field " + parameter.name + " is there twice");
    }
  }
  return fields;
}

bool HttpFields::has(std::string_view name) {
  asked_.push_back(name);
  return !JsonFields::is_null(object_, name);
}

std::string HttpFields::text(std::string_view name, std::size_t max_bytes) {
  return has(name) ? read_.text(object_, name, max_bytes) : std::string();
}

std::uint64_t HttpFields::number(std::string_view name, std::uint64_t min, std::uint64_t max) {
  const bool is_there = has(name);
  if (is_there && is_form_) {
    const auto number = parse_number(text_of(object_[name]), min, max);
    if (number) object_[name] = *number;
  }
  return read_.number(object_, name, min, max);
}

bool HttpFields::flag(std::string_view name) {
  if (!has(name)) return false;
  if (is_form_) {
    const std::string_view text = text_of(object_[name]);
    if (text == "true" || text == "1" || text == "on") return true;
    if (text == "false" || text == "0" || text.empty()) return false;
  }
  return read_.flag(object_, name);
}

Line HttpFields::line(const json::object& from) {
  Line line;
  line.sku = read_.id<Sku>(from, "sku");
  const bool counted = from.contains("quantity");
  line.quantity = counted ? static_cast<Quantity>(read_.number(from, "quantity", 1, kMaxQuantity)) : 1;
  if (from.size() > (counted ? 2U : 1U))
    fail("field lines: a line has a sku and a quantity, and nothing else");
  return line;
}

Lines HttpFields::lines() {
  Lines lines;
  if (!is_form_ && has("lines")) {
    lines =
        read_.list(object_, "lines", kMaxSentLines, [this](const json::object& each) { return line(each); });
  }
  for (const std::string& text : line_) {
    const auto line = parse_line(text);
    if (!line) fail("field line: " + line.error());
    lines.push_back(line.value_or(Line()));
  }
  line_.clear();
  return lines;
}

void HttpFields::fail(std::string error) {
  if (error_.empty()) error_ = std::move(error);
}

std::string HttpFields::error() const {
  if (!read_.ok()) return read_.error();
  if (!error_.empty()) return error_;
  for (const auto& [name, value] : object_) {
    const std::string_view field(name.data(), name.size());
    if (std::ranges::find(asked_, field) == asked_.end()) return "unknown field " + std::string(field);
  }
  return line_.empty() ? std::string() : "unknown field line";
}

}  // namespace stockfold
