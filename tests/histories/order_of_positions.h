// The second judge of a history, which searches nothing and trusts what the first one ignores: positions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "histories/history.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// What the log made of a command id.
struct Logged {
  std::uint64_t position = 0;
  bool accepted = false;
  BodyHash body;  ///< Says which of several commands under one id it was.
};
using LoggedCommands = std::map<CommandId, Logged>;

/// Adds an event of the log; false where its command id was there already.
[[nodiscard]] bool add(LoggedCommands& log, const RecordedEvent& event);

/// The order of the positions, over all products and orders together, must itself be one that explains every
/// answer, that real time allows, and that is the order of the calls for each connection; a read belongs
/// behind the position that it is as of. Says what is wrong; nothing where nothing is.
[[nodiscard]] std::optional<std::string> wrong_in_order_of_positions(const History& history,
                                                                     const LoggedCommands& log);

}  // namespace stockfold
