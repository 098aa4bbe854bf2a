// Checks that a log explains every answer, using only the simple model of tests/core/model.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "interleavings/request.h"
#include "interleavings/stepped_log.h"
#include "protocol/answer.h"

namespace stockfold {

/// An answer, and where the log ended when the question was asked and when the answer was given.
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
  std::vector<std::optional<Told>> told;     ///< By request; empty if a crash took the client's answer
                                             ///< and it could not ask again.
  std::vector<std::optional<Answer>> again;  ///< By request with an id, asked again at the end.
  State state;                               ///< As seen by a ledger that opens the log.
  std::string fault;  ///< Why a ledger could not open the log or continue; empty: it could.
};

/// What is wrong, in one sentence; empty if nothing is. Checks, in this order:
///  - Positions, and the versions of every stream, count 1, 2, 3 …. Every event is what its request asked
///    for, is allowed by the events before it, and leaves the stock that it states. No command id has two
///    events.
///  - Every ledger could open the log and continue.
///  - Each answer is what its event says, or a refusal that the log explains at a position between question
///    and answer. An answered command is not lost.
///  - Asked again, a command id has the same answer.
///  - A ledger that opens the log has the stock and the orders of the model.
std::string judge(const World& world, const Ending& ending);

}  // namespace stockfold
