// Every interleaving of the requests of a small world, and a crash at every point of each.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "interleavings/request.h"
#include "interleavings/stepped_log.h"

namespace stockfold {

enum class Writers : std::uint8_t {
  own,       ///< Every request has a ledger that is opened for it.
  standing,  ///< Every request has a ledger that was opened before the first of them.
  one,       ///< One ledger and one writer, as in the server: requests that wait are one commit.
};

struct Exploring {
  Writers writers = Writers::own;
  Without without = Without::nothing;
  /// A crash after every step, once with the unsynced write lost and once with it kept. A ledger opens what
  /// is left, and clients that have an id but no answer ask again: in every order, one by one and in one
  /// commit.
  bool crashes = false;
  /// Steps that other fibres cannot see are also taken in every order, not as soon as they can be.
  bool every_step = false;
  /// A state that another interleaving has led to is continued in one order only: the same log and answers,
  /// and fibres that saw the same at each of their turns, so that they do the same from here. Finds the same
  /// crashes, endings and outcomes, but not always the shortest counterexample.
  bool once = false;
};

/// What was found, and how much was explored.
struct Exploration {
  std::uint64_t interleavings = 0;
  std::uint64_t crashes = 0;  ///< Distinct states of disk and unanswered clients that a crash left.
  std::uint64_t endings = 0;  ///< Distinct logs and answers that were judged.
  /// The answers of all requests, in the order of the requests: "accepted at 3; order_already_aborted".
  std::set<std::string> outcomes;
  /// The world, the steps, and what is wrong, one line each. Of all failures, the one that switches least
  /// often between the requests. Empty if nothing fails.
  std::optional<std::string> counterexample;
};

/// Returns the same result for the same world. Any thread.
Exploration explore(const World& world, const Exploring& how);

}  // namespace stockfold
