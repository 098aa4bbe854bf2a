// The second judge of a history. It searches nothing, and relies on what the first judge ignores: positions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "histories/history.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// What the log holds for a command id.
struct Logged {
  std::uint64_t position = 0;
  bool accepted = false;
  BodyHash body;  ///< Tells apart several commands under one id.
};
using LoggedCommands = std::map<CommandId, Logged>;

/// Adds an event of the log; false if its command id was there already.
[[nodiscard]] bool add(LoggedCommands& log, const RecordedEvent& event);

/// The order of the positions, over all products and orders together, must explain every answer, agree with
/// real time, and be the order of the calls for each connection. A read comes after the position that it is
/// as of. Returns what is wrong; nothing if all is right.
[[nodiscard]] std::optional<std::string> wrong_in_order_of_positions(const History& history,
                                                                     const LoggedCommands& log);

}  // namespace stockfold
