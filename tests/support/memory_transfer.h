// Writes logs out as lines and reads them back, without a disk. Throws only for mistakes of the test. Does
// not use GoogleTest, because libFuzzer's targets use this header as well.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "projections/views.h"
#include "storage/engine/new_store.h"
#include "storage/log/ledger_record.h"
#include "storage/log/memory_log.h"
#include "support/memory_views.h"
#include "tools/transfer/export_log.h"
#include "tools/transfer/import_log.h"

namespace stockfold {

/// A store in memory, whose log outlives it once it is finished.
class MemoryNewStore final : public NewStore {
 public:
  MemoryNewStore(const LedgerRecord& ledger, std::shared_ptr<MemoryLog>& finished)
      : log_(std::make_shared<MemoryLog>(ledger.ledger, ledger.epoch, ledger.created)), finished_(finished) {}

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return views_; }
  Result<void> add(Commit commit) override {
    const auto added = log_->append(log_->head().position, std::move(commit));
    if (!std::holds_alternative<Appended>(added))
      throw std::logic_error("a commit that is added does not follow");
    return {};
  }
  Result<void> finish() override {
    finished_ = log_;
    return {};
  }

 private:
  std::shared_ptr<MemoryLog> log_;
  MemoryViewStore views_{view_names()};
  std::shared_ptr<MemoryLog>& finished_;
};

/// The lines of the commits up to that of `to`.
inline std::string exported(const EventLog& log, GlobalPosition to = GlobalPosition(UINT64_MAX)) {
  std::string lines;
  const Head head = log.head();
  const auto written = export_log({head.ledger, head.epoch, log.created()}, *log.read(GlobalPosition(1)), to,
                                  [&lines](std::string_view line) {
                                    lines += line;
                                    return Result<void>();
                                  });
  if (!written) throw std::logic_error("a log cannot be exported: " + written.error().what);
  return lines;
}

/// The log of exported lines, or what is wrong with them. `scratch`: a directory that stays empty unless
/// there are very many ids.
inline std::expected<std::shared_ptr<MemoryLog>, ImportError> imported(const std::string& lines,
                                                                       const std::filesystem::path& scratch) {
  std::shared_ptr<MemoryLog> finished;
  std::istringstream in(lines);
  const ImportPlace place{
      .begin = [&](const LedgerRecord& ledger) -> Result<std::unique_ptr<NewStore>> {
        return std::make_unique<MemoryNewStore>(ledger, finished);
      },
      .scratch = scratch,
      .lines_read = [](GlobalPosition, std::uint64_t) {},
      .views_built = [](GlobalPosition, GlobalPosition) {},
  };
  auto done = import_log(in, place);
  if (done.has_value() != (finished != nullptr)) throw std::logic_error("what was wrong was finished");
  if (!done) return std::unexpected(std::move(done.error()));
  if (done->head != finished->head()) throw std::logic_error("the head that is told is not that of the log");
  return finished;
}

}  // namespace stockfold
