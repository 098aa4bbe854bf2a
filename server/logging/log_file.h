// The destination of log lines: a file that is rotated and can be reopened, or stderr.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/fault.h"

namespace stockfold {

/// Lines are whole or cut, and two never share a line: after a line that was cut (by a full disk or a kill),
/// the next begins on its own line. What cannot be written is lost; no thread waits for it. Any thread.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// A file that would grow beyond `rotate_bytes` becomes NAME.1.EXTENSION, and so on; `keep` of them are
  /// kept.
  static Result<std::shared_ptr<LogFile>> open(const std::filesystem::path& path, std::size_t rotate_bytes,
                                               std::size_t keep);
  static std::shared_ptr<LogFile> of_stderr();
  ~LogFile() override;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Continues in the file that has the name now, and makes it if it does not exist: a log rotation has
  /// renamed the old one. If the file cannot be opened, continues in the old one; the fault gives the reason.
  /// Does nothing for stderr.
  Result<void> reopen();

 private:
  LogFile(int file, std::filesystem::path path, std::size_t rotate_bytes, std::size_t keep);

  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override;

  void adopt(int file);
  void rotate();
  /// Returns whether all bytes were written.
  bool write(std::string_view bytes);
  [[nodiscard]] std::filesystem::path rotated(std::size_t number) const;

  int file_ = -1;
  const std::filesystem::path path_;  ///< Empty: stderr.
  const std::size_t rotate_bytes_;
  const std::size_t keep_;
  std::string lines_;     ///< Whole lines that are not written yet.
  std::size_t size_ = 0;  ///< Of the file.
  bool is_cut_ = false;   ///< The file ends within a line.
};

}  // namespace stockfold
