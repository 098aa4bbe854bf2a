// Logs written out as lines and read back, without a disk.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "projections/views.h"
#include "storage/memory_log.h"
#include "storage/memory_views.h"
#include "storage/new_store.h"
#include "support/temporary_directory.h"
#include "tools/export_log.h"
#include "tools/import_log.h"

namespace stockfold {

/// A store in memory, whose log outlives it once it is finished.
class MemoryNewStore final : public NewStore {
 public:
  MemoryNewStore(const LedgerRecord& ledger, std::shared_ptr<MemoryLog>& finished)
      : log_(std::make_shared<MemoryLog>(ledger.ledger, ledger.epoch, ledger.created)), finished_(finished) {}

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return views_; }
  std::expected<void, Fault> add(Commit commit) override {
    EXPECT_TRUE(std::holds_alternative<Appended>(log_->append(log_->head().position, std::move(commit))));
    return {};
  }
  std::expected<void, Fault> finish() override {
    finished_ = log_;
    return {};
  }

 private:
  std::shared_ptr<MemoryLog> log_;
  MemoryViewStore views_{view_names()};
  std::shared_ptr<MemoryLog>& finished_;
};

inline std::string exported(const EventLog& log, GlobalPosition to = GlobalPosition(UINT64_MAX)) {
  std::string lines;
  const Head head = log.head();
  const auto written = export_log({head.ledger, head.epoch, log.created()}, *log.read(GlobalPosition(1)), to,
                                  [&lines](std::string_view line) {
                                    lines += line;
                                    return std::expected<void, Fault>();
                                  });
  EXPECT_TRUE(written.has_value());
  return lines;
}

struct Outcome {
  std::shared_ptr<MemoryLog> log;  ///< Null where something was wrong.
  std::string wrong;               ///< "4: what was wrong on line 4".
};

/// The log of exported lines.
inline Outcome import_text(const std::string& text) {
  static const TemporaryDirectory scratch;  // no test has so many ids that a file is written there
  Outcome outcome;
  std::istringstream in(text);
  const ImportPlace place{
      .begin = [&](const LedgerRecord& ledger) -> std::expected<std::unique_ptr<NewStore>, Fault> {
        return std::make_unique<MemoryNewStore>(ledger, outcome.log);
      },
      .scratch = scratch.path(),
      .lines_read = [](GlobalPosition, std::uint64_t) {},
      .views_built = [](GlobalPosition, GlobalPosition) {},
  };
  const auto imported = import_log(in, place);
  if (imported) {
    EXPECT_EQ(outcome.log->head(), imported->head);
    return outcome;
  }
  EXPECT_EQ(outcome.log, nullptr) << "what was wrong was finished";
  if (const auto* line = std::get_if<WrongLine>(&imported.error())) {
    outcome.wrong = std::to_string(line->line) + ": " + line->what;
  } else {
    outcome.wrong = "fault: " + std::get<Fault>(imported.error()).what;
  }
  return outcome;
}

inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}
inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace stockfold
