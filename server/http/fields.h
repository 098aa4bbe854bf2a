// The fields that an HTTP request says its command by: a JSON object, or a form.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/command.h"
#include "core/ids.h"
#include "protocol/text/arguments.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace stockfold {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// Fields are asked for one by one, by their names; what is not asked for is a fault. Every fault is
/// remembered, and an empty value comes back in its place: ask for faults() at the end.
///
/// Values may be written as clients write them: numbers as texts, ids as whole numbers, flags as texts. An
/// empty value of a form is none.
class HttpFields {
 public:
  HttpFields() = default;  ///< None.
  /// No body has none. A problem where there is a body that is neither JSON nor a form.
  static std::expected<HttpFields, HttpProblem> of(const HttpRequest& request);

  /// Whether it is there, and not null.
  bool has(std::string_view name);
  /// Empty where it is left out, as a number and a flag of none are 0 and false.
  std::string text(std::string_view name, std::size_t max_bytes);
  std::uint64_t number(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// A number of an object that was found to be there; empty where that has none of the inner name.
  std::optional<std::uint64_t> number_within(std::string_view name, std::string_view inner_name,
                                             std::uint64_t min, std::uint64_t max);
  bool flag(std::string_view name);
  template <class Id>
  Id id(std::string_view name) {
    if (!has(name)) return Id();
    const auto text = id_text(value(name));
    const auto id = text ? Id::parse(*text) : std::nullopt;
    if (!id) expected(name, "an id: 1 to 64 of A-Z a-z 0-9 . _ : -");
    return id.value_or(Id());
  }
  /// "lines" of JSON, a list of objects with "sku" and "quantity"; "line" of a form, each "SKU" or "SKU=N",
  /// or "lines" as JSON's text or as lines[0][sku]=A. In their normal form; none where there are none, and
  /// nothing where there is a fault in them.
  std::optional<Lines> lines();
  /// The value of a field that was found to be there; null where it is an empty text.
  [[nodiscard]] const boost::json::value& value(std::string_view name) const;

  /// The field is not what it should be.
  void fail(std::string_view name, std::string detail);
  /// Likewise, quoting it.
  void expected(std::string_view name, const std::string& what);

  /// All that is wrong, fields that were not asked for among it; empty where nothing is.
  [[nodiscard]] std::vector<HttpFault> faults() const;

 private:
  using Object = boost::json::object;
  static std::expected<HttpFields, std::string> of_json(std::string_view body);
  static std::expected<HttpFields, std::string> of_form(
      std::expected<std::vector<HttpParameter>, std::string> parameters);
  bool add_form_field(HttpParameter parameter);
  static std::optional<std::string> id_text(const boost::json::value& value);
  Line line(const boost::json::value& from, const std::string& pointer);
  Lines lines_in(const boost::json::value& from);
  void fail_at(std::string pointer, std::string detail);

  Object object_;
  bool is_form_ = false;           ///< Its values are texts, whatever they mean.
  std::vector<std::string> line_;  ///< Of a form: the only field that it may have more than once.
  std::vector<std::string_view> asked_;
  std::vector<HttpFault> faults_;
};

}  // namespace stockfold
