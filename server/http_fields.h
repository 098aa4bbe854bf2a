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
#include <vector>

#include "core/command.h"
#include "core/ids.h"
#include "server/http_problem.h"
#include "server/json_fields.h"

namespace stockfold {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

inline std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// Fields are asked for one by one, by their names; what is not asked for is a mistake. The first thing that
/// is wrong is remembered, and empty values come back from then on: ask for error() at the end.
class HttpFields {
 public:
  HttpFields() = default;  ///< None.
  /// No body has none. A problem where there is a body that is neither JSON nor a form.
  static std::expected<HttpFields, HttpProblem> of(const HttpRequest& request);

  /// Whether it is there, and not null.
  bool has(std::string_view name);
  /// Empty where it is left out.
  std::string text(std::string_view name, std::size_t max_bytes);
  std::uint64_t number(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// False where it is left out. Of a form, "true", "1" and "on" are true, "false", "0" and nothing false.
  bool flag(std::string_view name);
  template <class Id>
  Id id(std::string_view name) {
    return has(name) ? read_.id<Id>(object_, name) : Id();
  }
  /// "lines" of JSON, a list of objects with "sku" and "quantity"; "line" of a form, each "SKU" or "SKU=N".
  Lines lines();
  /// What is wrong has another cause.
  void fail(std::string error);

  /// What is wrong: a field's value, or a field that nobody has asked for. Empty where nothing is.
  [[nodiscard]] std::string error() const;

 private:
  static std::expected<HttpFields, std::string> of_json(std::string_view body);
  static std::expected<HttpFields, std::string> of_form(std::string_view body);
  Line line(const boost::json::object& from);

  boost::json::object object_;
  bool is_form_ = false;           ///< Its values are texts, whatever they mean.
  std::vector<std::string> line_;  ///< Of a form: the only field that it may have more than once.
  std::vector<std::string_view> asked_;
  JsonFields read_;
  std::string error_;
};

}  // namespace stockfold
