// Statements of products and orders: the number, and every event that made it. What `stockfold explain
// --json` prints.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "core/ids.h"
#include "core/numbers.h"
#include "protocol/messages.h"
#include "server/queries/queries.h"

namespace stockfold {

struct Explain {
  StreamId subject;
  std::optional<Moment> from;          ///< The first event that is counted; the opening is before it.
  std::optional<Moment> at;            ///< The last event that is counted.
  std::uint32_t limit = kMaxPageRows;  ///< Events, 1 to kMaxPageRows.
  Freshness freshness;
  friend bool operator==(const Explain&, const Explain&) = default;
};

struct Explanation {
  std::string lines;                   ///< JSON Lines: an opening, the events, a closing.
  std::optional<GlobalPosition> next;  ///< The first event that the limit left out.
};

/// Nothing where there is no such product or order. What happens meanwhile is left out.
boost::asio::awaitable<std::expected<std::optional<Explanation>, ErrorReply>> explain(Queries& queries,
                                                                                      Explain asked);

}  // namespace stockfold
