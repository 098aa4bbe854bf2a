// The parameters of GET requests: reading them, and their meaning.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/life.h"
#include "core/numbers.h"
#include "core/state.h"
#include "protocol/text/arguments.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace stockfold {

/// Whether a parameter is not to be read: the id of the path was read before, and some clients add
/// format=json to every request, which has no effect.
[[nodiscard]] bool is_passed_over(const HttpParameter& parameter);

/// The parameters of a query. Each is read once. A parameter that is not read is a fault, and so is a value
/// that cannot be parsed. A parameter without a value counts as left out, except a flag, which it sets.
class HttpQuery {
 public:
  explicit HttpQuery(const std::vector<HttpParameter>& query) : query_(query) {}

  /// Reads the parameter into `target`. True if it was there; else `target` keeps its value.
  template <class Target, class Parse>
  bool read(std::string_view name, Target& target, Parse parse) {
    const auto found = std::ranges::find(query_, name, &HttpParameter::name);
    if (found == query_.end()) return false;
    taken_.push_back(&*found);
    if (found->value.empty() && !std::is_same_v<Target, bool>) return false;
    auto parsed = parse(found->value);
    if (!parsed) {
      fail(name, parsed.error());
      return false;
    }
    target = *std::move(parsed);
    return true;
  }
  void fail(std::string_view name, std::string detail) {
    faults_.push_back({HttpFault::In::query, std::string(name), std::move(detail)});
  }
  /// Empty if every parameter is valid.
  [[nodiscard]] std::vector<HttpFault> faults() const;

 private:
  const std::vector<HttpParameter>& query_;
  std::vector<const HttpParameter*> taken_;
  std::vector<HttpFault> faults_;
};

/// An empty text sets the flag, too.
[[nodiscard]] Parsed<bool> parse_flag(std::string_view text);
/// The number of rows of a page.
[[nodiscard]] Parsed<std::uint32_t> parse_limit(std::string_view text);
/// A word, or the `status_code` of answers.
[[nodiscard]] Parsed<OrderStatus> parse_status_or_code(std::string_view text);

/// The id of a server-sent event: LIFE@POSITION.
struct HttpEventId {
  std::string life;
  GlobalPosition position;
  [[nodiscard]] std::string str() const;
};
[[nodiscard]] Parsed<HttpEventId> parse_event_id(std::string_view text);

/// Where a list continues: LIFE@ID, or LIFE@POSITION@ID for a list as of a moment. An ID with an @ in it is
/// written LIFE@@ID where there is no position. A client may start a list at an ID alone.
struct HttpCursor {
  std::string life;                  ///< Empty: the cursor names none.
  std::optional<GlobalPosition> at;  ///< The position of the moment.
  std::string from;                  ///< Not parsed: the reader of the list knows the kind of id.
  [[nodiscard]] std::string str() const;
};
[[nodiscard]] Parsed<HttpCursor> parse_cursor(std::string_view text);

/// A reference to the same target without `begin` and `life`; the caller appends where the next page begins.
/// It has no path, so it is valid below any path that a proxy adds.
[[nodiscard]] std::string next_page(const HttpTarget& target, std::string_view begin);

}  // namespace stockfold
