// A whole import of a few lines, with the hashes that they have, or with right ones.
#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include "fuzz/input.h"
#include "fuzz/memory_directory.h"
#include "fuzz/targets.h"
#include "projections/views.h"
#include "storage/memory_log.h"
#include "storage/memory_views.h"
#include "storage/new_store.h"
#include "tools/export_log.h"
#include "tools/import_log.h"

namespace stockfold {
namespace {

class MemoryStore final : public NewStore {
 public:
  MemoryStore(const LedgerRecord& ledger, std::shared_ptr<MemoryLog>& finished)
      : log_(std::make_shared<MemoryLog>(ledger.ledger, ledger.epoch, ledger.created)), finished_(finished) {}

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return views_; }
  std::expected<void, Fault> add(Commit commit) override {
    const auto added = log_->append(log_->head().position, std::move(commit));
    require(std::holds_alternative<Appended>(added), "a commit that is added follows");
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

struct Outcome {
  std::shared_ptr<MemoryLog> log;  ///< Null where a line is wrong.
  WrongLine wrong;
};

Outcome import_text(const std::string& text) {
  static const MemoryDirectory scratch;  // so few ids need no file there
  Outcome outcome;
  std::istringstream lines(text);
  const ImportPlace place{
      .begin = [&](const LedgerRecord& ledger) -> std::expected<std::unique_ptr<NewStore>, Fault> {
        return std::make_unique<MemoryStore>(ledger, outcome.log);
      },
      .scratch = scratch.path(),
      .lines_read = [](GlobalPosition, std::uint64_t) {},
      .views_built = [](GlobalPosition, GlobalPosition) {},
  };
  auto imported = import_log(lines, place);
  require(imported.has_value() == (outcome.log != nullptr), "what is wrong is not finished");
  if (imported) {
    require(imported->head == outcome.log->head(), "the head that is told is that of the log");
    return outcome;
  }
  auto* wrong = std::get_if<WrongLine>(&imported.error());
  require(wrong != nullptr, "lines are no fault of the store");
  require(wrong->line > 0 && !wrong->what.empty(), "the line, and what is wrong with it, is named");
  outcome.wrong = std::move(*wrong);
  return outcome;
}

std::string text_of(const MemoryLog& log) {
  std::string text;
  const Head head = log.head();
  const auto written = export_log({head.ledger, head.epoch, log.created()}, *log.read(GlobalPosition(1)),
                                  head.position, [&text](std::string_view line) {
                                    text += line;
                                    return std::expected<void, Fault>();
                                  });
  require(written.has_value(), "a log that was imported can be exported");
  return text;
}

/// Where a line begins and ends, its line end left out; both at the end where there is none.
std::pair<std::size_t, std::size_t> extent_of(const std::string& text, std::uint64_t line) {
  std::size_t begin = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return {text.size(), text.size()};
    begin = end + 1;
  }
  return {begin, std::min(text.find('\n', begin), text.size())};
}

/// What stands between `before` and the next of `after`; empty where they are not there.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  const std::size_t end = text.find(after);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

/// The text that the field has on this line, its quotes included, becomes `value`. False where it has none.
bool set_text(std::string& text, std::uint64_t number, const std::string& name, const std::string& value) {
  const auto [begin, end] = extent_of(text, number);
  const std::string_view line = std::string_view(text).substr(begin, end - begin);
  const std::string_view old = between(line, '"' + name + "\":\"", "\"");
  if (old.empty()) return false;
  text.replace(static_cast<std::size_t>(old.data() - text.data()) - 1, old.size() + 2, value);
  return true;
}

/// Makes a hash right that the import has found to be wrong, or leaves a command's out. False where
/// something else is wrong.
bool make_hash_right(std::string& text, const WrongLine& wrong) {
  if (wrong.what.ends_with("expected the body hash of its command, found another")) {
    return set_text(text, wrong.line, "command_id", "null") &&
           set_text(text, wrong.line, "body_hash", "null");
  }
  for (const std::string name : {"checksum", "commit_hash", "hash"}) {
    std::string_view expected = between(wrong.what, "field " + name + ": expected ", ", found ");
    if (expected.starts_with('"')) expected = expected.substr(1, expected.size() - 2);
    if (expected.size() != 16 && expected.size() != 64) continue;
    if (expected.find(' ') != std::string_view::npos) continue;
    return set_text(text, wrong.line, name, '"' + std::string(expected) + '"');
  }
  return false;
}

}  // namespace

int fuzz_import(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const bool right_hashes = (input.byte() & 1U) != 0;
  std::string text(input.rest());
  Outcome outcome = import_text(text);
  for (int hashes = 0; right_hashes && outcome.log == nullptr && hashes < 16; ++hashes) {
    if (!make_hash_right(text, outcome.wrong)) break;
    outcome = import_text(text);
  }
  if (outcome.log == nullptr) return 0;
  const std::string written = text_of(*outcome.log);
  const Outcome again = import_text(written);
  require(again.log != nullptr && again.log->head() == outcome.log->head() && text_of(*again.log) == written,
          "an imported log is exported as what was imported");
  return 0;
}

}  // namespace stockfold
