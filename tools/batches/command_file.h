// Files of commands: a catalogue as comma-separated values, or JSON lines of commands as in POST /batch/.
#pragma once

#include <cstdint>
#include <expected>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/command.h"
#include "tools/batches/csv_reader.h"

namespace stockfold {

/// A command of a file.
struct FiledCommand {
  std::uint64_t line = 0;  ///< At which it begins, from 1.
  Command command;         ///< Well-formed and with an id.
};

/// Gives commands their ids. The id of a command is the hash of the label and of its content, so the same
/// file under the same label has the same ids, whatever the order of its lines. Of equal commands the second,
/// third and so on have ids of their own.
class CommandIds {
 public:
  explicit CommandIds(std::string label) : label_(std::move(label)) {}
  /// `command` is well-formed and has no id.
  [[nodiscard]] CommandId next(const Command& command);

 private:
  std::string label_;
  std::map<BodyHash, std::uint64_t> seen_;  ///< How often.
};

/// Reads the commands of one file. One thread.
class CommandFile {
 public:
  virtual ~CommandFile() = default;
  /// The next command; nothing at the end. After the fault of a line, the next call reads the next line. If
  /// is_over(), nothing more can be read.
  virtual std::expected<std::optional<FiledCommand>, FileFault> next() = 0;
  [[nodiscard]] bool is_over() const { return over_; }

  /// A header line, then a line for each product. The columns are sku, and optionally name and stock, in any
  /// order: each line registers a product. The fault is that of the header.
  static std::expected<std::unique_ptr<CommandFile>, FileFault> of_csv(std::istream& in,
                                                                       const std::string& label);
  /// A JSON object for each command, as in POST /batch/.
  static std::unique_ptr<CommandFile> of_json_lines(std::istream& in, const std::string& label);

 protected:
  explicit CommandFile(const std::string& label) : ids_(label) {}
  /// Checks a command and gives it an id if it has none.
  std::expected<FiledCommand, FileFault> complete(std::uint64_t line, Command command);

  bool over_ = false;

 private:
  CommandIds ids_;
};

}  // namespace stockfold
