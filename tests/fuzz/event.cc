// One event of the log, of any type and version.
#include <string>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "protocol/text/json.h"
#include "storage/codec/event_codec.h"
#include "tools/reports/event_csv.h"
#include "tools/transfer/export_line.h"

namespace stockfold {
namespace {

constexpr GlobalPosition kPosition(7);
constexpr UnixMillis kTime(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z

/// Checks what an export would write of the event.
void hold_as_line(const RecordedEvent& event) {
  const ExportedEvent exported{event, CommitStart{Epoch(1), 1}, CommitHash{}};
  std::string line = line_of(exported);
  require(line.ends_with('\n') && line.find('\n') == line.size() - 1, "an event is one line");
  line.pop_back();
  // Texts that are not UTF-8, and refusals that no rule produces, are in no log and cannot be imported.
  const auto read = parse_export_line(line);
  if (!read) return require(!read.error().empty(), "what is wrong with a line is said");
  const auto* again = std::get_if<ExportedEvent>(&*read);
  require(again != nullptr && again->event == event, "a line that is taken is the event it was made of");
}

}  // namespace

int fuzz_event(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = FuzzInput(data, size).rest();
  std::string_view rest = bytes;
  const auto event = decode_event(rest, kPosition, kTime);
  if (!event) {
    require(event.error().what.starts_with("event 7 "), "a fault names the event");
    require(event.error().position == kPosition, "and its position");
    return 0;
  }
  std::string again;
  encode_event(*event, again);
  require(again == bytes.substr(0, bytes.size() - rest.size()), "an event has one form");
  require(!json_of(*event).empty() && csv_of(*event).ends_with('\n'), "an event can be shown");
  hold_as_line(*event);
  return 0;
}

}  // namespace stockfold
