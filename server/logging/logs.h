// What the server says of itself, and the log of HTTP requests.
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
  json,  ///< An object a line: time, level, message, and whatever else a line has.
};

struct LogOptions {
  LogLevel level = LogLevel::info;  ///< Of the least that is said.
  LogFormat format = LogFormat::text;
  std::filesystem::path file;            ///< Empty: stderr.
  std::size_t rotate_bytes = 64U << 20;  ///< Of a file; the next line then begins another.
  std::size_t keep = 5;                  ///< Files that were rotated away.
  bool access = false;                   ///< HTTP requests are logged, at level info.
};

/// Sets up spdlog's default logger, and log_access(). Control characters in messages are escaped, and bytes
/// that are not UTF-8: what a client sent cannot look like a line of its own. A fault where the file cannot
/// be opened. Once, before other threads are there.
Result<void> start_logs(const LogOptions& options);

/// Goes on in the file that has the log file's name now: SIGHUP, after logrotate has renamed it. Where it
/// cannot be opened, on with the one that it had. Nothing without a log file. Any thread.
void reopen_log_file();

/// One HTTP request and its answer.
struct AccessLine {
  std::string_view client;  ///< Its address.
  std::string_view method;
  std::string_view target;
  unsigned status = 0;
  std::uint64_t bytes = 0;  ///< Of the answer.
  std::chrono::nanoseconds taken{0};
};

/// Whether log_access() says anything.
[[nodiscard]] bool logs_access();
/// Lines are written within a second. Any thread.
void log_access(const AccessLine& access);

}  // namespace stockfold
