#include "server/http/fields.h"

#include <algorithm>
#include <boost/json.hpp>
#include <span>
#include <utility>

#include "protocol/text/json_fields.h"
#include "protocol/text/json_numbers.h"
#include "server/http/multipart.h"

namespace stockfold {

namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

/// More than a body needs: an object, its lines, one of them.
constexpr std::size_t kMaxDepth = 8;
/// Lines of one product are summed; the sum has at most kMaxLines.
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

json::string_view key(std::string_view name) { return {name.data(), name.size()}; }
std::string_view view_of(const json::string& text) { return {text.data(), text.size()}; }
std::string_view view_of(json::string_view text) { return {text.data(), text.size()}; }

/// A step of a pointer.
std::string step(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~' || c == '/') {
      step += c == '~' ? "~0" : "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::expected<json::value, std::string> parse_json(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  const std::optional<std::string> rewritten = with_whole_numbers(text);
  const std::string_view whole = rewritten ? *rewritten : text;
  json::value value = json::parse(json::string_view(whole.data(), whole.size()), error, {}, options);
  if (error == json::error::too_deep) return std::unexpected("the JSON is nested too deeply");
  if (error) return std::unexpected("not valid JSON");
  if (repeats_a_field(whole, value)) return std::unexpected("a field is repeated");
  return value;
}

/// A whole number, or its digits as a text.
std::optional<std::uint64_t> number_of(const json::value& value, std::uint64_t min, std::uint64_t max) {
  if (const auto* text = value.if_string()) {
    const std::string digits = whole_digits(view_of(*text));
    const auto number = parse_number(digits.empty() ? view_of(*text) : digits, min, max);
    return number ? std::optional(*number) : std::nullopt;
  }
  if (!value.is_int64() && !value.is_uint64()) return std::nullopt;
  json::error_code inexact;
  const auto number = value.to_number<std::uint64_t>(inexact);
  return !inexact && number >= min && number <= max ? std::optional(number) : std::nullopt;
}

/// A flag, or a flag as text: Python writes "True", a checkbox of a form sends "on".
std::optional<bool> flag_of(const json::value& value) {
  if (const auto* flag = value.if_bool()) return *flag;
  const auto* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  const std::string_view word = view_of(*text);
  if (word == "true" || word == "True" || word == "1" || word == "on") return true;
  if (word == "false" || word == "False" || word == "0") return false;
  return std::nullopt;
}

std::string a_number(std::uint64_t min, std::uint64_t max) {
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

/// The names in lines[0][sku]: lines, 0, sku. A name without brackets is returned alone.
std::vector<std::string_view> names_in(std::string_view name) {
  const std::size_t begin = name.find('[');
  if (begin == 0 || begin == std::string_view::npos || !name.ends_with(']')) return {name};
  std::vector<std::string_view> names{name.substr(0, begin)};
  for (name.remove_prefix(begin); name.starts_with('[');) {
    const std::size_t end = name.find(']');
    names.push_back(name.substr(1, end - 1));
    name.remove_prefix(end + 1);
  }
  if (!name.empty() || names.size() >= kMaxDepth) names.clear();
  return names;
}

std::string sentence(const HttpFault& fault) {
  if (fault.in != HttpFault::In::body) return fault.name + ": " + fault.detail;
  const std::string field = fault.name.empty() ? "the body" : "field " + fault.name.substr(1);
  return field + ": " + fault.detail;
}

}  // namespace

// ---- what is sent -----------------------------------------------------------------------------------------

std::expected<HttpFields, HttpProblem> HttpFields::of(const HttpRequest& request) {
  const std::string& body = request.body();
  if (body.empty()) return HttpFields();
  const std::string type = media_type(request);
  std::expected<HttpFields, std::string> fields;
  if (type == "application/json") {
    fields = of_json(body);
  } else if (type == "application/x-www-form-urlencoded") {
    fields = of_form(parse_form(body));
  } else if (type == "multipart/form-data") {
    fields = of_form(parse_multipart(view(request[http::field::content_type]), body));
  } else {
    return std::unexpected(HttpProblem{http::status::unsupported_media_type,
                                       "unsupported_media_type",
                                       "the Content-Type must be application/json, "
                                       "application/x-www-form-urlencoded or multipart/form-data",
                                       {}});
  }
  if (fields) return std::move(*fields);
  return std::unexpected(malformed({HttpFault{HttpFault::In::body, "", std::move(fields.error())}}));
}

HttpFields HttpFields::of(const json::value& value) {
  HttpFields fields;
  if (value.is_object()) fields.object_ = value.get_object();
  return fields;
}

std::expected<HttpFields, std::string> HttpFields::of_json(std::string_view body) {
  auto value = parse_json(body);
  if (!value) return std::unexpected(std::move(value.error()));
  HttpFields fields;
  if (value->is_array() && value->get_array().empty()) return fields;  // PHP writes an empty object this way
  if (!value->is_object()) return std::unexpected("the JSON must be an object");
  fields.object_ = std::move(value->get_object());
  return fields;
}

std::expected<HttpFields, std::string> HttpFields::of_form(
    std::expected<std::vector<HttpParameter>, std::string> parameters) {
  if (!parameters) return std::unexpected(std::move(parameters.error()));
  HttpFields fields;
  fields.is_form_ = true;
  for (HttpParameter& parameter : *parameters) {
    const std::string name = parameter.name;
    if (!fields.add_form_field(std::move(parameter))) {
      return std::unexpected("field " + name + " is repeated");
    }
  }
  return fields;
}

/// False if the form has the field already.
bool HttpFields::add_form_field(HttpParameter parameter) {
  if (parameter.name == "line" || parameter.name == "line[]") {
    line_.push_back(std::move(parameter.value));
    return true;
  }
  std::vector<std::string_view> names = names_in(parameter.name);
  if (names.empty()) names = {parameter.name};
  Object* object = &object_;
  for (const std::string_view name : std::span(names).first(names.size() - 1)) {
    json::value& inner = (*object)[key(name)];
    if (inner.is_null()) inner = Object();
    if (!inner.is_object()) return false;
    object = &inner.get_object();
  }
  return object->emplace(key(names.back()), parameter.value).second;
}

// ---- values -----------------------------------------------------------------------------------------------

bool HttpFields::has(std::string_view name) {
  asked_.push_back(name);
  return !value(name).is_null();
}

const json::value& HttpFields::value(std::string_view name) const {
  static const json::value none;
  const json::value* value = object_.if_contains(key(name));
  const bool is_empty = value == nullptr || (is_form_ && value->is_string() && value->get_string().empty());
  return is_empty ? none : *value;
}

std::string HttpFields::text(std::string_view name, std::size_t max_bytes) {
  if (!has(name)) return {};
  const auto* text = value(name).if_string();
  if (text == nullptr) {
    expected(name, "a text of at most " + std::to_string(max_bytes) + " bytes");
    return {};
  }
  if (auto wrong = text_malformation(view_of(*text), max_bytes)) {
    fail(name, std::move(*wrong));
    return {};
  }
  return std::string(view_of(*text));
}

std::uint64_t HttpFields::number(std::string_view name, std::uint64_t min, std::uint64_t max) {
  const auto number = has(name) ? number_of(value(name), min, max) : std::nullopt;
  if (!number) expected(name, a_number(min, max));
  return number.value_or(0);
}

std::optional<std::uint64_t> HttpFields::number_within(std::string_view name, std::string_view inner_name,
                                                       std::uint64_t min, std::uint64_t max) {
  const json::value* inner = value(name).get_object().if_contains(key(inner_name));
  if (inner == nullptr || inner->is_null()) return std::nullopt;
  const auto number = number_of(*inner, min, max);
  if (!number) {
    fail_at(step(name) + step(inner_name),
            "expected " + a_number(min, max) + ", found " + shown_json(*inner));
  }
  return number;
}

bool HttpFields::flag(std::string_view name) {
  if (!has(name)) return false;
  const auto flag = flag_of(value(name));
  if (!flag) expected(name, "true or false");
  return flag.value_or(false);
}

/// A text, or a whole number by its digits.
std::optional<std::string> HttpFields::id_text(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(view_of(*text));
  const auto number = number_of(value, 0, UINT64_MAX);
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

Line HttpFields::line(const json::value& from, const std::string& pointer) {
  if (!from.is_object()) {
    fail_at(pointer, "expected an object with a sku and a quantity, found " + shown_json(from));
    return {};
  }
  std::optional<Sku> sku;
  std::optional<std::uint64_t> quantity = 1;
  bool agree = true;
  for (const auto& [name, value] : from.get_object()) {
    const std::string_view field = view_of(name);
    const std::string at = pointer + step(field);
    if (field == "sku" || field == "product") {
      const auto text = id_text(value);
      const auto parsed = text ? Sku::parse(*text) : std::nullopt;
      if (!parsed) fail_at(at, "expected an id: " + std::string(kIdForm) + ", found " + shown_json(value));
      agree &= !sku || !parsed || *sku == *parsed;
      sku = parsed ? parsed : Sku();  // faulty, but not left out
    } else if (field == "quantity") {
      quantity = number_of(value, 1, kMaxQuantity);
      if (!quantity) fail_at(at, "expected " + a_number(1, kMaxQuantity) + ", found " + shown_json(value));
    } else {
      fail_at(at, "unknown field: a line has a sku and a quantity");
    }
  }
  if (!sku) fail_at(pointer + "/sku", "expected an id, found none");
  if (!agree) fail_at(pointer + "/product", "differs from the sku of the same line");
  return {sku.value_or(Sku()), static_cast<Quantity>(quantity.value_or(1))};
}

/// From a list, or from an object whose names are numbers: the result of lines[0][sku] in a form.
Lines HttpFields::lines_in(const json::value& from) {
  Lines lines;
  const auto take = [&](const json::value& each, std::string_view name) {
    lines.push_back(line(each, "/lines" + step(name)));
  };
  const auto* list = from.if_array();
  const auto* numbered = is_form_ ? from.if_object() : nullptr;
  const std::size_t size = list != nullptr ? list->size() : numbered != nullptr ? numbered->size() : SIZE_MAX;
  if (size > kMaxSentLines) {
    expected("lines", "a list of at most " + std::to_string(kMaxSentLines));
  } else if (list != nullptr) {
    for (std::size_t i = 0; i < size; ++i) take((*list)[i], std::to_string(i));
  } else {
    for (const auto& [name, each] : *numbered) take(each, view_of(name));
  }
  return lines;
}

std::optional<Lines> HttpFields::lines() {
  const std::size_t faults_before = faults_.size();
  Lines lines;
  if (has("lines")) {
    const json::value& sent = value("lines");
    auto parsed = is_form_ && sent.is_string() ? parse_json(view_of(sent.get_string())) : sent;
    if (parsed) lines = lines_in(*parsed);
    if (!parsed) fail("lines", "as the text of a form: " + parsed.error());
  }
  for (const std::string& text : line_) {
    const auto line = parse_line(text);
    if (!line) fail("line", line.error());
    lines.push_back(line.value_or(Line()));
  }
  line_.clear();
  if (faults_.size() > faults_before) return std::nullopt;
  auto normal = normalise(std::move(lines));
  if (normal) return *std::move(normal);
  const std::string& error = normal.error();  // which begins with what it is about
  fail("lines", error.substr(std::min(error.find(' ') + 1, error.size())));
  return std::nullopt;
}

// ---- faults -----------------------------------------------------------------------------------------------

void HttpFields::fail(std::string_view name, std::string detail) { fail_at(step(name), std::move(detail)); }

void HttpFields::expected(std::string_view name, const std::string& what) {
  const json::value& found = value(name);
  fail(name, "expected " + what + ", found " + (found.is_null() ? "none" : shown_json(found)));
}

void HttpFields::fail_at(std::string pointer, std::string detail) {
  if (faults_.size() == kMaxFaults) return;
  faults_.push_back({HttpFault::In::body, std::move(pointer), std::move(detail)});
}

std::vector<HttpFault> HttpFields::faults() const {
  std::vector<HttpFault> faults = faults_;
  const auto unknown = [&faults](std::string_view name) {
    if (faults.size() == kMaxFaults) return;
    faults.push_back({HttpFault::In::body, step(name), "unknown field"});
  };
  for (const auto& [name, value] : object_) {
    const std::string_view field = view_of(name);
    if (std::ranges::find(asked_, field) == asked_.end()) unknown(field);
  }
  if (!line_.empty()) unknown("line");
  return faults;
}

HttpProblem malformed(std::vector<HttpFault> faults) {
  std::string detail = sentence(faults.front());
  if (faults.size() > 1) detail += " (and " + std::to_string(faults.size() - 1) + " more: see errors)";
  HttpProblem problem = malformed(std::move(detail));
  problem.faults = std::move(faults);
  return problem;
}

}  // namespace stockfold
