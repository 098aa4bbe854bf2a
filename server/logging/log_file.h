// Where lines of the log go: a file that is rotated and can be opened again, or stderr.
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

/// Lines are whole or cut, and never two in one: behind one that was cut, as by a full disk or a kill, the
/// next begins on a line of its own. What cannot be written is lost, and nothing waits for it. Any thread.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// A file that would grow beyond `rotate_bytes` becomes NAME.1.EXTENSION, and so on: `keep` of them are
  /// kept.
  static Result<std::shared_ptr<LogFile>> open(const std::filesystem::path& path, std::size_t rotate_bytes,
                                               std::size_t keep);
  static std::shared_ptr<LogFile> of_stderr();
  ~LogFile() override;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Goes on in the file that has the name now, made where there is none: whoever rotates logs has renamed
  /// the other. Where it cannot be opened, on with the other; the fault says why. Nothing of stderr.
  Result<void> reopen();

 private:
  LogFile(int file, std::filesystem::path path, std::size_t rotate_bytes, std::size_t keep);

  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override;

  void adopt(int file);
  void rotate();
  /// Whether all of it was written.
  bool write(std::string_view bytes);
  [[nodiscard]] std::filesystem::path rotated(std::size_t number) const;

  int file_ = -1;
  const std::filesystem::path path_;  ///< Empty: stderr.
  const std::size_t rotate_bytes_;
  const std::size_t keep_;
  std::string lines_;     ///< Whole ones that are not written yet.
  std::size_t size_ = 0;  ///< Of the file.
  bool is_cut_ = false;   ///< The file does not end with the end of a line.
};

}  // namespace stockfold
