// Events as bytes, in the log and on the wire. Each type has a number and a version of its own that are never
// reused; the format is docs/DATA_FORMAT.md, "Events".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/fault.h"

namespace stockfold {

/// The version in which events of a type are written.
[[nodiscard]] std::uint32_t version_of(EventType type);

/// Appends one event with its identity, actor, version and payload. Position and time are in its commit.
void encode_event(const RecordedEvent& event, std::string& out);

/// Decodes the event at the front of `bytes` and removes it from them. A type or version that this program
/// does not know is a newer_format fault; any other bytes that encode_event() does not write are corruption.
/// Never allocates more than a small multiple of the bytes, whatever lengths they announce.
Result<RecordedEvent> decode_event(std::string_view& bytes, GlobalPosition position, UnixMillis time);

}  // namespace stockfold
