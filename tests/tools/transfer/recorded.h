// An event as recorded in the log.
#pragma once

#include <cstdint>
#include <utility>

#include "core/event.h"

namespace stockfold {

/// At position 7, on 2026-01-02T03:04:05.678Z; without an actor and a command id.
inline RecordedEvent recorded(Event event, std::uint64_t version = 1) {
  return {GlobalPosition(7), UnixMillis(1'767'323'045'678), StreamVersion(version), {}, {}, std::move(event)};
}

}  // namespace stockfold
