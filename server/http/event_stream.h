// The pieces of an answer that streams events: its head, the events, and heartbeats between them. Pure.
#pragma once

#include <string>

#include "core/numbers.h"
#include "protocol/messages.h"
#include "server/http/answer.h"
#include "server/http/asks.h"

namespace stockfold {

/// The head of the answer; its body has no end.
[[nodiscard]] HttpAnswer answer_to(const HttpFollow& asked);
/// Events in the form that the client asked for. `life`: of the log, here and below.
[[nodiscard]] std::string streamed(const HttpFollow& asked, const EventsReply& events,
                                   const std::string& life);
/// A sign of life between events: the reader has every event that it asked for up to `reached`.
[[nodiscard]] std::string heartbeat(const HttpFollow& asked, GlobalPosition reached, const std::string& life);

}  // namespace stockfold
