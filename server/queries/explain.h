// Statements of products and orders for HTTP: the number, and every event that made it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <optional>
#include <string>

#include "core/numbers.h"
#include "protocol/messages.h"
#include "protocol/text/statement_reader.h"
#include "server/queries/queries.h"

namespace stockfold {

struct Explanation {
  std::string lines;                   ///< JSON Lines: an opening, the events, a closing.
  std::optional<GlobalPosition> next;  ///< The first event that the limit left out.
};

/// Empty where there is no such product or order. Events that are committed meanwhile are left out.
boost::asio::awaitable<std::expected<std::optional<Explanation>, ErrorReply>> explain(Queries& queries,
                                                                                      StatementQuery query);

}  // namespace stockfold
