// The parameters of GET requests: how they are taken, and what they mean.
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

/// Whether a parameter says what is so whatever it says, as some clients add it to every request:
/// format=json.
[[nodiscard]] bool says_nothing(const HttpParameter& parameter);

/// The parameters of a query, each taken once. What is left over is a fault, and so is a value that cannot be
/// read. One without a value is not there, but for a flag, which it sets.
class HttpQuery {
 public:
  explicit HttpQuery(const std::vector<HttpParameter>& query) : query_(query) {}

  /// Reads the parameter into `target`, which stays as it is where there is none of that name.
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
  /// Empty where all was right.
  [[nodiscard]] std::vector<HttpFault> faults() const;

 private:
  const std::vector<HttpParameter>& query_;
  std::vector<const HttpParameter*> taken_;
  std::vector<HttpFault> faults_;
};

/// Without a value it is set, too.
[[nodiscard]] Parsed<bool> parse_flag(std::string_view text);
/// Rows of a page.
[[nodiscard]] Parsed<std::uint32_t> parse_limit(std::string_view text);
/// A word, or the code that stands beside it in answers.
[[nodiscard]] Parsed<OrderStatus> parse_status_or_code(std::string_view text);

/// The id of a server-sent event: LIFE@POSITION.
struct HttpEventId {
  std::string life;
  GlobalPosition position;
  [[nodiscard]] std::string str() const;
};
[[nodiscard]] Parsed<HttpEventId> parse_event_id(std::string_view text);

/// Where a list goes on: LIFE@ID, or LIFE@POSITION@ID where it is of a moment. ID alone is where somebody
/// has it begin.
struct HttpCursor {
  std::string life;                  ///< Empty: of none.
  std::optional<GlobalPosition> at;  ///< Of a moment that is past.
  std::string from;                  ///< Not looked at: whoever asks for the list knows what its ids are.
  [[nodiscard]] std::string str() const;
};
[[nodiscard]] Parsed<HttpCursor> parse_cursor(std::string_view text);

/// A reference to the same target, without where this page begins and of which life it is; what is appended
/// says where the next one does. It has no path, so that it holds below whatever path a proxy has put before.
[[nodiscard]] std::string next_page(const HttpTarget& target, std::string_view begin);

}  // namespace stockfold
