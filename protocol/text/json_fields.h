// Reads fields of JSON objects as values of the domain.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stockfold {

/// Reads fields one by one, and keeps the first error: the field, what was expected and what was found. After
/// an error every read returns an empty value, so a caller checks once, at the end.
class JsonFields {
 public:
  using Object = boost::json::object;
  /// Whether an error may quote what was found.
  enum class Found : std::uint8_t { shown, hidden };

  explicit JsonFields(Found found = Found::shown) : found_(found) {}

  [[nodiscard]] bool ok() const { return error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  /// The field does not hold what was expected.
  void fail(const Object& from, std::string_view name, std::string_view expected);

  /// Also true if the field is missing.
  [[nodiscard]] static bool is_null(const Object& from, std::string_view name);
  std::string text(const Object& from, std::string_view name, std::size_t max_bytes);
  std::uint64_t number(const Object& from, std::string_view name, std::uint64_t min, std::uint64_t max);
  bool flag(const Object& from, std::string_view name);
  /// Valid as long as `from`.
  const Object& object(const Object& from, std::string_view name);

  /// A strong number, of its whole range or up to `max`.
  template <class Strong>
  Strong strong(const Object& from, std::string_view name,
                typename Strong::rep max = std::numeric_limits<typename Strong::rep>::max()) {
    return Strong(static_cast<typename Strong::rep>(number(from, name, 0, max)));
  }

  /// The results of `read` for the objects of a list.
  template <class Read>
  auto list(const Object& from, std::string_view name, std::size_t max, Read read) {
    std::vector<decltype(read(from))> elements;
    const auto* value = from.if_contains(name);
    const auto* array = value != nullptr ? value->if_array() : nullptr;
    if (array == nullptr || array->size() > max) {
      fail(from, name, "a list of at most " + std::to_string(max));
      return elements;
    }
    elements.reserve(array->size());
    for (const boost::json::value& element : *array) {
      if (!element.is_object()) {
        fail(from, name, "a list of objects");
        break;
      }
      elements.push_back(read(element.get_object()));
    }
    return elements;
  }

  /// The result of `parse`, which returns an optional, for a text; `expected` names what the text must be.
  template <class Parse>
  auto parsed(const Object& from, std::string_view name, std::string_view expected, Parse parse) {
    using Value = typename decltype(parse(std::string_view()))::value_type;
    const auto* value = from.if_contains(name);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    if (text != nullptr) {
      if (auto read = parse(std::string_view(text->data(), text->size()))) return Value(*std::move(read));
    }
    fail(from, name, expected);
    return Value();
  }
  template <class Id>
  Id id(const Object& from, std::string_view name) {
    return parsed(from, name, "an id", [](std::string_view text) { return Id::parse(text); });
  }

 private:
  Found found_;
  std::string error_;
};

/// A value as a message may quote it. A long one is cut between two characters.
[[nodiscard]] std::string shown_json(const boost::json::value& value);

/// The first difference of two values: the field, what was expected and what was found; empty if they are
/// equal.
[[nodiscard]] std::string difference(const boost::json::value& expected, const boost::json::value& found,
                                     const std::string& name = {});

/// Whether an object in `text` has a field twice; `parsed`, the parsed text, holds only the last of them.
[[nodiscard]] bool repeats_a_field(std::string_view text, const boost::json::value& parsed);

}  // namespace stockfold
