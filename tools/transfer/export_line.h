// The lines of an exported log. The format is docs/DATA_FORMAT.md, "Exported logs".
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/event.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// No exported line is longer, without its line end.
inline constexpr std::size_t kMaxExportLineBytes = 1U << 20;

/// The facts on a commit that its first event carries.
struct CommitStart {
  Epoch epoch;
  std::uint32_t events = 0;
};

struct ExportedEvent {
  RecordedEvent event;
  std::optional<CommitStart> commit;      ///< Of the first event of each commit.
  std::optional<CommitHash> commit_hash;  ///< Of the last event of each commit.
};

/// The last line: the end of the log, and the hash of the commit that ends there.
struct ExportEnd {
  GlobalPosition position;
  CommitHash hash;
};

/// One object on one line, with its line end.
[[nodiscard]] std::string line_of(const LedgerRecord& ledger);
[[nodiscard]] std::string line_of(const ExportedEvent& exported);
[[nodiscard]] std::string line_of(const ExportEnd& end);

/// A line; its fields determine its kind. The first line of a file is the LedgerRecord.
using ExportLine = std::variant<LedgerRecord, ExportedEvent, ExportEnd>;

/// The inverse of line_of(), without the line end. A line that line_of() would not write is an error, which
/// names the field, what was expected and what was found. The order of fields, the escapes of a text and the
/// words of a refusal's message may differ. It accepts any bytes.
std::expected<ExportLine, std::string> parse_export_line(std::string_view line);

}  // namespace stockfold
