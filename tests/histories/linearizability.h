// Whether one order of the operations, compatible with real time, explains every answer.
//
// The search is that of J. M. Wing and C. Gong, "Testing and verifying concurrent objects", J. Parallel and
// Distributed Computing 17 (1993), with what G. Lowe added in "Testing for linearizability", Concurrency and
// Computation 29 (2017): a set of operations that led to a state is not tried twice. That a history may be
// taken apart is from M. Herlihy and J. Wing, "Linearizability: a correctness condition for concurrent
// objects", ACM TOPLAS 12 (1990), and was made use of by A. Horn and D. Kroening, "Faster linearizability
// checking via P-compositionality", FORTE (2015).
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
  std::size_t configurations = 0;  ///< Most that the search of one component went through.
  std::size_t operations = 0;      ///< Of the largest component.
  std::string window;  ///< Where violated: the operations among which no order was found, a table for people.
};

/// Judges each component by itself, and stops at the first one that has no order.
///
/// Operations take effect between call and return; those of one connection that were answered, and that are
/// of one component, in the order of their calls. What nobody knows of may take effect at any time after its
/// call, or never. Positions are no part of it but as names of events (see Model).
///
/// `tried_first`: commands are tried in the order of their positions there. That changes how long the search
/// takes, and nothing else: a sound log leads it straight to an order, which is held to every answer as any.
[[nodiscard]] SearchResult find_order(const History& history, SearchLimits limits = {},
                                      const LoggedCommands& tried_first = {});

}  // namespace stockfold
