// The kinds of requests that the metrics count, other than commands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/messages.h"

namespace stockfold {

enum class QueryKind : std::uint8_t {
  show_product,
  show_order,
  list_products,
  list_orders,
  read_events,  ///< Over HTTP also a statement: it reads the events of one stream.
  follow_events,
  show_head,
  at,  ///< The state at an earlier position.
  find_position,
  read_commits,
  rebuild,
  sign_head,
  read_movements,
  make_checkpoint,
  follow_types,
  read_zone_movements,
  show_order_history,
};
inline constexpr std::array kAllQueryKinds = {QueryKind::show_product,      QueryKind::show_order,
                                              QueryKind::list_products,     QueryKind::list_orders,
                                              QueryKind::read_events,       QueryKind::follow_events,
                                              QueryKind::show_head,         QueryKind::at,
                                              QueryKind::find_position,     QueryKind::read_commits,
                                              QueryKind::rebuild,           QueryKind::sign_head,
                                              QueryKind::read_movements,    QueryKind::make_checkpoint,
                                              QueryKind::follow_types,      QueryKind::read_zone_movements,
                                              QueryKind::show_order_history};

/// The value of the label `query`: "show_product" and so on.
[[nodiscard]] std::string_view name_of(QueryKind kind);

/// The kind as which a request of the protocol is counted. Empty for a hello, a log-in and a command.
[[nodiscard]] std::optional<QueryKind> query_kind_of(const Request& request);

}  // namespace stockfold
