// Lines of exported logs, and the result of importing them.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/memory_transfer.h"
#include "support/temporary_directory.h"

namespace stockfold {

struct Outcome {
  std::shared_ptr<MemoryLog> log;  ///< Null if something was wrong.
  std::string wrong;               ///< "4: what was wrong on line 4".
};

/// The log of exported lines.
inline Outcome import_text(const std::string& text) {
  static const TemporaryDirectory scratch;
  auto log = imported(text, scratch.path());
  if (log) return {.log = std::move(*log), .wrong = {}};
  if (const auto* line = std::get_if<WrongLine>(&log.error())) {
    return {.log = nullptr, .wrong = std::to_string(line->line) + ": " + line->what};
  }
  return {.log = nullptr, .wrong = "fault: " + std::get<Fault>(log.error()).what};
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
