// Whether one order of the operations, compatible with real time, explains every answer.
//
// The search is that of J. M. Wing and C. Gong, "Testing and verifying concurrent objects", J. Parallel and
// Distributed Computing 17 (1993). G. Lowe, "Testing for linearizability", Concurrency and Computation 29
// (2017), adds that a set of operations that led to a state is not tried twice. Taking a history apart is
// justified by M. Herlihy and J. Wing, "Linearizability: a correctness condition for concurrent objects", ACM
// TOPLAS 12 (1990), and was used by A. Horn and D. Kroening, "Faster linearizability checking via
// P-compositionality", FORTE (2015).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "histories/history.h"
#include "histories/order_of_positions.h"

namespace stockfold {

enum class Linearizability : std::uint8_t {
  linearizable,
  violated,
  undecided,  ///< The search reached its bound.
};
/// "linearizable" and so on.
[[nodiscard]] std::string_view name_of(Linearizability found);

struct SearchLimits {
  std::size_t configurations =
      2'000'000;  ///< Of one component: sets of operations, with the state they made.
};

struct SearchResult {
  Linearizability found = Linearizability::linearizable;
  std::size_t configurations = 0;  ///< The most that the search of one component went through.
  std::size_t operations = 0;      ///< Of the largest component.
  std::string window;  ///< If violated: a table, for people, of the operations for which no order was found.
};

/// Judges each component by itself, and stops at the first one that has no order.
///
/// Operations take effect between call and return. Answered operations of one connection and one component
/// take effect in the order of their calls. An operation with an unknown outcome may take effect at any time
/// after its call, or never. Positions serve only as names of events (see Model).
///
/// `tried_first`: commands are tried in the order of their positions there. That changes only how long the
/// search takes. A sound log leads straight to an order, which is checked against every answer like any
/// other.
[[nodiscard]] SearchResult find_order(const History& history, SearchLimits limits = {},
                                      const LoggedCommands& tried_first = {});

}  // namespace stockfold
