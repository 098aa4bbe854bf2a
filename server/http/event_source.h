// Problems for the EventSource of browsers. Pure.
//
// EventSource hides the status and body of an answer other than 200 from its page, and never reconnects after
// one. After a stream that ends it reconnects, until the answer is 204 (HTML, "Server-sent events"). So a
// problem is sent as a stream of one event, and a lasting problem is sent once.
#pragma once

#include "server/http/answer.h"
#include "server/http/fields.h"

namespace stockfold {

/// Whether an EventSource sent this. All of its headers must match: other clients get statuses.
[[nodiscard]] bool is_event_source(const HttpRequest& request);

/// Whether the EventSource reconnects after as_event() with a lasting problem: the answer 204 ends it.
[[nodiscard]] bool was_told_why(const HttpRequest& request);

/// `problem` as a stream of one event of its type, with the time after which to reconnect.
[[nodiscard]] HttpAnswer as_event(const HttpAnswer& problem);

}  // namespace stockfold
