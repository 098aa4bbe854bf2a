// The fields of a command in the body of an HTTP request: a JSON object, or a form.
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

/// The caller reads the fields one by one, by name. A field that is not read is a fault. The object keeps
/// every fault and returns an empty value in its place: call faults() at the end.
///
/// Values may have the types that clients use: numbers as texts, ids as whole numbers, flags as texts. An
/// empty value in a form counts as left out.
class HttpFields {
 public:
  HttpFields() = default;  ///< No fields.
  /// The fields of the body; none without a body. A problem if the body is neither JSON nor a form.
  static std::expected<HttpFields, HttpProblem> of(const HttpRequest& request);
  /// The fields of a JSON value; none if it is no object.
  static HttpFields of(const boost::json::value& value);
  /// The fields of a JSON text. The error says why it is no object.
  static std::expected<HttpFields, std::string> of_json(std::string_view text);

  /// Whether the field is there and not null.
  bool has(std::string_view name);
  /// Empty if the field is left out; so a number is 0 and a flag false.
  std::string text(std::string_view name, std::size_t max_bytes);
  std::uint64_t number(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// A number in an object that has() found; empty if the object lacks the inner name.
  std::optional<std::uint64_t> number_within(std::string_view name, std::string_view inner_name,
                                             std::uint64_t min, std::uint64_t max);
  bool flag(std::string_view name);
  template <class Id>
  Id id(std::string_view name) {
    if (!has(name)) return Id();
    const auto text = id_text(value(name));
    const auto id = text ? Id::parse(*text) : std::nullopt;
    if (!id) expected(name, "an id: " + std::string(kIdForm));
    return id.value_or(Id());
  }
  /// In JSON: "lines", a list of objects with "sku" and "quantity". In a form: "line", each "SKU" or "SKU=N";
  /// or "lines" as JSON text or as lines[0][sku]=A. Returned in normal form. No lines if the field is left
  /// out; empty if one of them is faulty.
  std::optional<Lines> lines();
  /// The value of a field that has() found; null if it is an empty text.
  [[nodiscard]] const boost::json::value& value(std::string_view name) const;

  /// Adds a fault of the field.
  void fail(std::string_view name, std::string detail);
  /// Adds a fault that quotes the value: "expected `what`, found …".
  void expected(std::string_view name, const std::string& what);

  /// All faults, including fields that were not read.
  [[nodiscard]] std::vector<HttpFault> faults() const;

 private:
  using Object = boost::json::object;
  static std::expected<HttpFields, std::string> of_form(
      std::expected<std::vector<HttpParameter>, std::string> parameters);
  bool add_form_field(HttpParameter parameter);
  static std::optional<std::string> id_text(const boost::json::value& value);
  Line line(const boost::json::value& from, const std::string& pointer);
  Lines lines_in(const boost::json::value& from);
  void fail_at(std::string pointer, std::string detail);

  Object object_;
  bool is_form_ = false;           ///< All values are texts.
  std::vector<std::string> line_;  ///< Of a form: the only field that may be repeated.
  std::vector<std::string_view> asked_;
  std::vector<HttpFault> faults_;
};

}  // namespace stockfold
