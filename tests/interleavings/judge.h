// Whether a log explains what everybody was told: by the plain model of tests/core/model.h alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/answer.h"
#include "interleavings/request.h"
#include "interleavings/stepped_log.h"

namespace stockfold {

/// An answer, and where the log ended when it was asked for and when it was given.
struct Told {
  Answer answer;
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
};

/// The stock of every product and the status of every order: "product A" is "1", "order 1" is "aborted".
using State = std::map<std::string, std::string>;

/// How a world ended.
struct Ending {
  Commits log;
  std::vector<std::optional<Told>> told;  ///< Of each request; empty where a crash took the client's answer
                                          ///< and it could not ask again.
  std::vector<std::optional<Answer>> again;  ///< Of each request with an id, asked for once more at the end.
  State state;                               ///< As a ledger that opens the log has it.
  std::string fault;  ///< Why a ledger could not open the log, or go on; empty: it could.
};

/// What is wrong, in one sentence; empty where nothing is. In this order:
///  - positions, and the versions of every stream, count 1, 2, 3 …; every event is what its request asked
///  for,
///    is allowed by the events before it, and leaves the stock that it says; no command id has two events;
///  - every ledger could open it, and go on;
///  - what a client was told is what the event says that it names, or a refusal that the log explains at a
///    position between its question and its answer; a command that is answered is not lost;
///  - asked once more, a command id has the same answer;
///  - a ledger that opens the log has the stock and the orders that the model has.
std::string judge(const World& world, const Ending& ending);

}  // namespace stockfold
