// The parameters of GET requests: how they are taken, and what they mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/numbers.h"
#include "core/state.h"
#include "server/arguments.h"
#include "server/http_target.h"

namespace stockfold {

/// The parameters of a query, each taken once. What is left over is a mistake, and so is the first whose
/// value cannot be read.
class HttpQuery {
 public:
  explicit HttpQuery(const std::vector<HttpParameter>& query) : query_(query) {}

  /// Reads the parameter into `target`, which stays as it is where there is none of that name.
  template <class Target, class Parse>
  bool read(std::string_view name, Target& target, Parse parse) {
    const auto found = std::ranges::find(query_, name, &HttpParameter::name);
    if (found == query_.end()) return false;
    taken_.push_back(&*found);
    auto parsed = parse(found->value);
    if (!parsed) {
      fail(std::string(name) + ": " + parsed.error());
      return false;
    }
    target = *std::move(parsed);
    return true;
  }
  void fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }
  /// Empty where all was right.
  [[nodiscard]] std::string error() const;

 private:
  const std::vector<HttpParameter>& query_;
  std::vector<const HttpParameter*> taken_;
  std::string error_;
};

/// Without a value it is set, too.
[[nodiscard]] Parsed<bool> parse_flag(std::string_view text);
/// Rows of a page.
[[nodiscard]] Parsed<std::uint32_t> parse_limit(std::string_view text);
/// A word, or the code that stands beside it in answers.
[[nodiscard]] Parsed<OrderStatus> parse_status_or_code(std::string_view text);

/// Where a list goes on, and of which moment it is.
template <class Id>
struct HttpCursor {
  std::optional<GlobalPosition> at;
  std::optional<Id> from;
};

template <class Id>
Parsed<HttpCursor<Id>> parse_cursor(std::string_view text) {
  HttpCursor<Id> cursor;
  const auto sign = text.find('@');
  if (sign != std::string_view::npos) {
    const auto at = parse_position(text.substr(0, sign));
    if (!at) return std::unexpected("this is not the next of an answer");
    cursor.at = *at;
    text.remove_prefix(sign + 1);
  }
  cursor.from = Id::parse(text);
  if (!cursor.from) return std::unexpected("this is not the next of an answer");
  return cursor;
}

/// The same target, without where this page begins; what is appended says where the next one does.
[[nodiscard]] std::string next_page(const HttpTarget& target, std::string_view begin);

}  // namespace stockfold
