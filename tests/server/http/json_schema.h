// The part of JSON Schema (2020-12) that the description of the REST interface uses.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stockfold {

class JsonSchema {
 public:
  /// `document`: what `$ref` points into.
  explicit JsonSchema(const boost::json::value& document) : document_(document) {}

  /// What `$ref` names, or the value itself.
  [[nodiscard]] const boost::json::value& resolved(const boost::json::value& value) const {
    const auto* object = value.if_object();
    const auto* reference = object == nullptr ? nullptr : object->if_contains("$ref");
    if (reference == nullptr) return value;
    const std::string_view pointer = reference->get_string();
    return document_.at_pointer(pointer.substr(1));
  }

  /// What is wrong with a value, and where; empty if nothing is. Throws if the schema has a keyword that is
  /// not known here.
  [[nodiscard]] std::string wrong(const boost::json::value& value, const boost::json::value& schema,
                                  const std::string& at = "") const {
    for (const auto& [word, rule] : resolved(schema).as_object()) {
      std::string found = wrong_by(std::string(word), rule, value, resolved(schema).as_object(), at);
      if (!found.empty()) return found;
    }
    return "";
  }

 private:
  using Value = boost::json::value;

  std::string wrong_by(const std::string& word, const Value& rule, const Value& value,
                       const boost::json::object& schema, const std::string& at) const {
    static const std::set<std::string> kSaysNothing = {"description", "format", "default", "contentMediaType",
                                                       "contentSchema"};
    const auto complain = [&] {
      return at + ": " + boost::json::serialize(value) + " against " + word + " " +
             boost::json::serialize(rule);
    };
    if (kSaysNothing.contains(word)) return "";
    if (word == "type") return is(value, rule.as_string()) ? "" : complain();
    if (word == "const") return value == rule ? "" : complain();
    if (word == "enum")
      return std::ranges::find(rule.as_array(), value) != rule.as_array().end() ? "" : complain();
    if (word == "minimum") return value.to_number<double>() >= rule.to_number<double>() ? "" : complain();
    if (word == "maximum") return value.to_number<double>() <= rule.to_number<double>() ? "" : complain();
    if (word == "minItems") return value.as_array().size() >= rule.to_number<std::size_t>() ? "" : complain();
    if (word == "maxItems") return value.as_array().size() <= rule.to_number<std::size_t>() ? "" : complain();
    if (word == "minLength")
      return value.as_string().size() >= rule.to_number<std::size_t>() ? "" : complain();
    if (word == "maxLength")
      return value.as_string().size() <= rule.to_number<std::size_t>() ? "" : complain();
    if (word == "pattern") {
      return std::regex_search(std::string(value.as_string()), std::regex(std::string(rule.as_string())))
                 ? ""
                 : complain();
    }
    if (word == "items") {
      for (const Value& item : value.as_array()) {
        if (std::string found = wrong(item, rule, at + "[]"); !found.empty()) return found;
      }
      return "";
    }
    if (word == "properties") {
      for (const auto& [name, property] : rule.as_object()) {
        const Value* field = value.as_object().if_contains(name);
        if (field == nullptr) continue;
        if (std::string found = wrong(*field, property, at + "." + std::string(name)); !found.empty())
          return found;
      }
      return "";
    }
    if (word == "required") {
      for (const Value& name : rule.as_array()) {
        if (!value.as_object().contains(name.as_string())) return complain();
      }
      return "";
    }
    if (word == "additionalProperties") return wrong_others(rule, value, schema, at);
    if (word == "allOf" || word == "anyOf" || word == "oneOf") {
      const auto fits = std::ranges::count_if(
          rule.as_array(), [&](const Value& part) { return wrong(value, part, at).empty(); });
      const auto parts = std::ssize(rule.as_array());
      const bool right = word == "allOf" ? fits == parts : word == "anyOf" ? fits > 0 : fits == 1;
      return right ? "" : complain();
    }
    throw std::logic_error("the test knows no " + word);
  }

  /// Fields that `properties` does not name.
  std::string wrong_others(const Value& rule, const Value& value, const boost::json::object& schema,
                           const std::string& at) const {
    const Value* properties = schema.if_contains("properties");
    for (const auto& [name, field] : value.as_object()) {
      if (properties != nullptr && properties->as_object().contains(name)) continue;
      if (rule.is_bool()) return rule.get_bool() ? "" : at + ": unknown field " + std::string(name);
      if (std::string found = wrong(field, rule, at + "." + std::string(name)); !found.empty()) return found;
    }
    return "";
  }

  static bool is(const Value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    throw std::logic_error("the test knows no type " + std::string(type));
  }

  const boost::json::value& document_;
};

}  // namespace stockfold
