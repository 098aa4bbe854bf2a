// The server's log, and the log of HTTP requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/fault.h"

namespace stockfold {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
enum class LogFormat : std::uint8_t {
  text,
  json,  ///< One object a line: time, level, message, and the line's other fields.
};

struct LogOptions {
  LogLevel level = LogLevel::info;  ///< The lowest level that is logged.
  LogFormat format = LogFormat::text;
  std::filesystem::path file;            ///< Empty: stderr.
  std::size_t rotate_bytes = 64U << 20;  ///< Size of a file; the next line then begins another.
  std::size_t keep = 5;                  ///< Rotated files that are kept.
  bool access = false;                   ///< Whether HTTP requests are logged, at level info.
};

/// Sets up spdlog's default logger, and log_access(). Escapes control characters and bytes that are not
/// UTF-8, so that text from a client cannot look like a separate line. Returns a fault if the file cannot be
/// opened. Called once, before other threads exist.
Result<void> start_logs(const LogOptions& options);

/// Continues in the file that has the log file's name now (on SIGHUP, after logrotate has renamed the old
/// one). If it cannot be opened, continues in the old one. Does nothing without a log file. Any thread.
void reopen_log_file();

/// One HTTP request and its answer.
struct AccessLine {
  std::string_view client;  ///< The client's address.
  std::string_view method;
  std::string_view target;
  unsigned status = 0;
  std::uint64_t bytes = 0;  ///< Size of the answer.
  std::chrono::nanoseconds taken{0};
};

/// Whether log_access() writes anything.
[[nodiscard]] bool logs_access();
/// A line is written within a second. Any thread.
void log_access(const AccessLine& access);

}  // namespace stockfold
