// What browsers' EventSource is told where there are no events for it. It shows its page no status and no
// body of an answer other than 200, and never asks again after one; after a stream that ends it asks again,
// until it is answered 204 (HTML, "Server-sent events"). So a problem is an event, and is told once. Pure.
#pragma once

#include "server/http/answer.h"
#include "server/http/fields.h"

namespace stockfold {

/// Whether EventSource has sent this: by all that it says, so that clients that look at statuses get them.
[[nodiscard]] bool is_event_source(const HttpRequest& request);

/// It comes back after as_event(), with a problem that does not pass by itself: 204 ends it.
[[nodiscard]] bool was_told_why(const HttpRequest& request);

/// `problem` as a stream of one event that has its name, and when to come back.
[[nodiscard]] HttpAnswer as_event(const HttpAnswer& problem);

}  // namespace stockfold
