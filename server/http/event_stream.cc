#include "server/http/event_stream.h"

#include <boost/json.hpp>

#include "protocol/text/json.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"
#include "server/http/query.h"

namespace stockfold {

HttpAnswer answer_to(const HttpFollow& asked) {
  return {.type = asked.as_server_sent ? "text/event-stream" : "application/x-ndjson",
          .headers = "X-Accel-Buffering: no\r\n",
          .body = {}};
}

std::string streamed(const HttpFollow& asked, const EventsReply& events, const std::string& life) {
  std::string text;
  for (const RecordedEvent& event : events.events) {
    if (asked.as_server_sent) {
      text.append("id: ").append(HttpEventId{life, event.position}.str()).append("\ndata: ");
    }
    text.append(json_of(event)).append(asked.as_server_sent ? "\n\n" : "\n");
  }
  return text;
}

/// An id without data advances the Last-Event-ID of a browser, and is no event (HTML, "dispatch the event").
std::string heartbeat(const HttpFollow& asked, GlobalPosition reached, const std::string& life) {
  if (asked.as_server_sent) return ":\nid: " + HttpEventId{life, reached}.str() + "\n\n";
  if (!asked.heartbeats) return "\n";
  std::string line;
  append_json({{"position", reached.value()}, {"type", "heartbeat"}, {"life", life}}, line);
  return line + '\n';
}

}  // namespace stockfold
