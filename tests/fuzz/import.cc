// A whole import of a few lines, with their own hashes or with corrected ones.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "support/memory_directory.h"
#include "support/memory_transfer.h"

namespace stockfold {
namespace {

struct Outcome {
  std::shared_ptr<MemoryLog> log;  ///< Null if a line is wrong.
  WrongLine wrong;
};

Outcome import_text(const std::string& text) {
  static const MemoryDirectory scratch;
  auto log = imported(text, scratch.path());
  if (log) return {.log = std::move(*log), .wrong = {}};
  auto* wrong = std::get_if<WrongLine>(&log.error());
  require(wrong != nullptr, "lines are no fault of the store");
  require(wrong->line > 0 && !wrong->what.empty(), "the line, and what is wrong with it, is named");
  return {.log = nullptr, .wrong = std::move(*wrong)};
}

/// Where a line begins and ends, without its line end; both at the end if there is no such line.
std::pair<std::size_t, std::size_t> extent_of(const std::string& text, std::uint64_t line) {
  std::size_t begin = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return {text.size(), text.size()};
    begin = end + 1;
  }
  return {begin, std::min(text.find('\n', begin), text.size())};
}

/// The text between `before` and the next `after`; empty if they do not occur.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  const std::size_t end = text.find(after);
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

/// Replaces the text of the field on this line, its quotes included, by `value`. Returns false if the line
/// has none.
bool set_text(std::string& text, std::uint64_t number, const std::string& name, const std::string& value) {
  const auto [begin, end] = extent_of(text, number);
  const std::string_view line = std::string_view(text).substr(begin, end - begin);
  const std::string_view old = between(line, '"' + name + "\":\"", "\"");
  if (old.empty()) return false;
  text.replace(static_cast<std::size_t>(old.data() - text.data()) - 1, old.size() + 2, value);
  return true;
}

/// Corrects a hash that the import found wrong, or removes a command's hash. Returns false if something else
/// is wrong.
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
  const std::string written = exported(*outcome.log);
  const Outcome again = import_text(written);
  require(again.log != nullptr && again.log->head() == outcome.log->head() && exported(*again.log) == written,
          "an imported log is exported as what was imported");
  return 0;
}

}  // namespace stockfold
