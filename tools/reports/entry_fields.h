// Fields that the entries of statements have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/event.h"

namespace stockfold {

/// "+3", "-3", "0".
[[nodiscard]] std::string signed_text(std::int64_t change);
/// The command's id as a UUID, or `nothing`.
[[nodiscard]] std::string command_id_text(const RecordedEvent& event, std::string_view nothing);
/// The actor, and the reason in quotes: `alice "broken"`.
[[nodiscard]] std::string actor_and_reason(const RecordedEvent& event);

}  // namespace stockfold
