#include "tools/transfer/export_log.h"

#include <utility>

#include "storage/log/commit_record.h"

namespace stockfold {
namespace {

Result<void> write_commit(const Commit& commit, const WriteLine& write) {
  for (const RecordedEvent& event : commit.events) {
    ExportedEvent exported{event, {}, {}};
    if (event.position == commit.first()) {
      exported.commit = {commit.epoch, static_cast<std::uint32_t>(commit.events.size())};
    }
    if (event.position == commit.last()) exported.commit_hash = commit.hash;
    if (auto written = write(line_of(exported)); !written) return written;
  }
  return {};
}

}  // namespace

Result<ExportedLog> export_log(const LedgerRecord& ledger, LogCursor& commits, GlobalPosition to,
                               const WriteLine& write) {
  if (auto written = write(line_of(ledger)); !written) return std::unexpected(std::move(written.error()));
  ExportedLog exported{{GlobalPosition(0), genesis_hash(ledger.ledger)}};
  while (exported.end.position < to) {
    auto commit = commits.next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) break;
    if (auto written = write_commit(**commit, write); !written)
      return std::unexpected(std::move(written.error()));
    exported.end = {(*commit)->last(), (*commit)->hash};
    ++exported.commits;
  }
  if (auto written = write(line_of(exported.end)); !written)
    return std::unexpected(std::move(written.error()));
  return exported;
}

}  // namespace stockfold
