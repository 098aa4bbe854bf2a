#include "protocol/text/json_fields.h"

#include <fmt/format.h>

#include <numeric>

namespace stockfold {
namespace {

namespace json = boost::json;

std::size_t fields_in(const json::value& value) {
  if (const auto* array = value.if_array()) {
    return std::accumulate(array->begin(), array->end(), std::size_t{0},
                           [](std::size_t sum, const json::value& each) { return sum + fields_in(each); });
  }
  const auto* object = value.if_object();
  if (object == nullptr) return 0;
  std::size_t fields = object->size();
  for (const auto& [name, each] : *object) fields += fields_in(each);
  return fields;
}

/// Counts fields by their colons: outside of texts there are no others.
std::size_t colons_in(std::string_view text) {
  std::size_t colons = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_text && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && text[i] == ':') {
      ++colons;
    }
  }
  return colons;
}

}  // namespace

std::string shown_json(const json::value& value) {
  constexpr std::size_t kShown = 100;
  std::string text = json::serialize(value);
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // within a character of UTF-8
  return text.substr(0, end) + " …";
}

void JsonFields::fail(const Object& from, std::string_view name, std::string_view expected) {
  if (!ok()) return;
  const auto* value = from.if_contains(name);
  error_ = fmt::format("field {}: expected {}", name, expected);
  if (value == nullptr) error_ += ", found none";
  if (value != nullptr && found_ == Found::shown) error_ += ", found " + shown_json(*value);
}

bool JsonFields::is_null(const Object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value == nullptr || value->is_null();
}

std::string JsonFields::text(const Object& from, std::string_view name, std::size_t max_bytes) {
  const auto* value = from.if_contains(name);
  const auto* string = value != nullptr ? value->if_string() : nullptr;
  if (string != nullptr && string->size() <= max_bytes) return {string->data(), string->size()};
  fail(from, name, fmt::format("a text of at most {} bytes", max_bytes));
  return {};
}

std::uint64_t JsonFields::number(const Object& from, std::string_view name, std::uint64_t min,
                                 std::uint64_t max) {
  const auto* value = from.if_contains(name);
  if (value != nullptr && !value->is_double()) {
    json::error_code inexact;
    const auto number = value->to_number<std::uint64_t>(inexact);
    if (!inexact && number >= min && number <= max) return number;
  }
  fail(from, name, fmt::format("a whole number from {} to {}", min, max));
  return 0;
}

bool JsonFields::flag(const Object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value != nullptr && value->is_bool()) return value->get_bool();
  fail(from, name, "true or false");
  return false;
}

const JsonFields::Object& JsonFields::object(const Object& from, std::string_view name) {
  static const Object none;
  const auto* value = from.if_contains(name);
  if (value != nullptr && value->is_object()) return value->get_object();
  fail(from, name, "an object");
  return none;
}

std::string difference(const json::value& expected, const json::value& found, const std::string& name) {
  if (expected == found) return {};
  if (!expected.is_object() || !found.is_object()) {
    return fmt::format("field {}: expected {}, found {}", name, shown_json(expected), shown_json(found));
  }
  const auto path = [&name](std::string_view key) {
    return name.empty() ? std::string(key) : fmt::format("{}.{}", name, key);
  };
  for (const auto& [key, value] : expected.get_object()) {
    const json::value* other = found.get_object().if_contains(key);
    if (other == nullptr)
      return fmt::format("field {}: expected {}, found none", path(key), shown_json(value));
    if (auto differs = difference(value, *other, path(key)); !differs.empty()) return differs;
  }
  for (const auto& [key, value] : found.get_object()) {
    if (!expected.get_object().contains(key)) {
      return fmt::format("field {}: expected none, found {}", path(key), shown_json(value));
    }
  }
  return {};
}

bool repeats_a_field(std::string_view text, const json::value& parsed) {
  return colons_in(text) != fields_in(parsed);
}

}  // namespace stockfold
