#include "tools/reports/entry_fields.h"

#include <fmt/format.h>

namespace stockfold {

std::string signed_text(std::int64_t change) { return change == 0 ? "0" : fmt::format("{:+}", change); }

std::string command_id_text(const RecordedEvent& event, std::string_view nothing) {
  return event.identity ? to_uuid(event.identity->id.bytes) : std::string(nothing);
}

std::string actor_and_reason(const RecordedEvent& event) {
  std::string text = event.actor;
  const std::string_view reason = reason_of(event.event);
  if (reason.empty()) return text;
  if (!text.empty()) text += ' ';
  return text.append("\"").append(reason).append("\"");
}

}  // namespace stockfold
