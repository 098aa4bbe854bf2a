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
  one,       ///< One ledger and one Writer, as in the server: requests that wait are one commit.
};

struct Exploring {
  Writers writers = Writers::own;
  Without without = Without::nothing;
  /// A crash after every step: what was written and not synced is lost, and kept. A ledger opens what is
  /// left, and whoever has no answer, and an id, asks again: in every order, one by one and in one commit.
  bool crashes = false;
  /// Also steps that touch nothing that others see are taken in every order, not as soon as they can be.
  bool every_step = false;
  /// What another interleaving has led to is not gone on from in every order again, but in one: the same log
  /// and answers, and fibres that saw the same at each of their turns, so that they do the same from here.
  /// Finds the same crashes, endings and outcomes; of counter-examples not always the least.
  bool once = false;
};

/// What was found, and how much was looked at.
struct Exploration {
  std::uint64_t interleavings = 0;
  std::uint64_t crashes = 0;  ///< What a crash finds on disk, and whom without an answer, each counted once.
  std::uint64_t endings = 0;  ///< Logs and answers that were judged, each counted once.
  /// The answers of all requests, in their order: "accepted at 3; order_already_aborted".
  std::set<std::string> outcomes;
  /// The world, the steps, and what is wrong, a line each: of those that go wrong the one that changes least
  /// often between the requests. Empty where nothing goes wrong.
  std::optional<std::string> counterexample;
};

/// The same for the same world. Any thread.
Exploration explore(const World& world, const Exploring& how);

}  // namespace stockfold
