#include "server/logging/logs.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include "core/utf8.h"
#include "server/logging/log_file.h"

namespace stockfold {
namespace {

constexpr const char* kName = "stockfold";
constexpr const char* kAccessName = "access";
constexpr std::chrono::seconds kFlushEvery{1};

// Set by start_logs(), and only read afterwards.
std::shared_ptr<spdlog::logger> access_logger;
LogFormat access_format = LogFormat::text;
std::shared_ptr<LogFile> log_file;  // null: stderr

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

void append_hex(std::string& out, unsigned char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += kDigits[c >> 4U];
  out += kDigits[c & 0x0fU];
}

/// One line of text: backslashes, control characters and bytes that are not UTF-8 become \xNN.
std::string escaped(std::string_view text) {
  const bool utf8 = is_utf8(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool c1_control = c == 0xc2 && next < 0xa0;  // U+0080 to U+009F: terminals obey them
    const bool after_c1 = i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xc2 && c < 0xa0 && c >= 0x80;
    if (is_control(c) || c == '\\' || (c >= 0x80 && !utf8) || c1_control || after_c1) {
      out += "\\x";
      append_hex(out, c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

/// A JSON string. A byte that is not UTF-8 becomes the character of its number.
std::string quoted(std::string_view text) {
  const bool utf8 = is_utf8(text);
  std::string out = "\"";
  for (const char character : text) {
    const auto c = static_cast<unsigned char>(character);
    if (is_control(c) || (c >= 0x80 && !utf8)) {
      out += "\\u00";
      append_hex(out, c);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += character;
    }
  }
  return out + '"';
}

/// RFC 3339, in UTC.
std::string time_text(spdlog::log_clock::time_point time) {
  const auto since_1970 = time.time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count() % 1'000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(spdlog::log_clock::to_time_t(time)), millis);
}

std::string_view name_of(spdlog::level::level_enum level) {
  constexpr std::array<std::string_view, 7> kNames = {"trace", "debug",    "info", "warn",
                                                      "error", "critical", "off"};
  return kNames.at(static_cast<std::size_t>(level));
}

/// Formats the message for a line of text.
class EscapedMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string text = escaped({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<EscapedMessage>();
  }
};

/// Lines of the access logger are JSON fields already.
class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    const bool is_access =
        std::string_view(message.logger_name.data(), message.logger_name.size()) == kAccessName;
    const std::string line = fmt::format(R"({{"time":"{}","level":"{}",{}}})"
                                         "\n",
                                         time_text(message.time), name_of(message.level),
                                         is_access ? std::string(text) : R"("message":)" + quoted(text));
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format) {
  if (format == LogFormat::json) return std::make_unique<JsonLines>();
  auto text = std::make_unique<spdlog::pattern_formatter>();
  text->add_flag<EscapedMessage>('*').set_pattern("[%Y-%m-%d %H:%M:%S.%e] [%n] [%^%l%$] %*");
  return text;
}

Result<spdlog::sink_ptr> open_sink(const LogOptions& options) {
  log_file.reset();
  if (options.file.empty()) {
    if (::isatty(STDERR_FILENO) != 0) return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    return LogFile::of_stderr();
  }
  auto opened = LogFile::open(options.file, options.rotate_bytes, options.keep);
  if (!opened) return std::unexpected(std::move(opened.error()));
  log_file = std::move(*opened);
  return log_file;
}

}  // namespace

Result<void> start_logs(const LogOptions& options) {
  auto sink = open_sink(options);
  if (!sink) return std::unexpected(std::move(sink.error()));
  (*sink)->set_formatter(formatter_of(options.format));
  const auto level = static_cast<spdlog::level::level_enum>(options.level);  // the same names and order
  auto logger = std::make_shared<spdlog::logger>(kName, *sink);
  logger->set_level(level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));

  spdlog::drop(kAccessName);
  access_logger.reset();
  if (!options.access || options.level > LogLevel::info) return {};
  access_format = options.format;
  access_logger = std::make_shared<spdlog::logger>(kAccessName, *sink);
  spdlog::register_logger(access_logger);
  spdlog::flush_every(kFlushEvery);  // flushing for every request would be too often
  return {};
}

void reopen_log_file() {
  if (log_file == nullptr) return;
  if (const auto reopened = log_file->reopen(); !reopened) {
    spdlog::error("the log stays in its old file: {}", reopened.error().what);
  } else {
    spdlog::info("the log file was opened again");
  }
}

bool logs_access() { return access_logger != nullptr; }

void log_access(const AccessLine& access) {
  if (access_logger == nullptr) return;
  const double seconds = std::chrono::duration<double>(access.taken).count();
  if (access_format == LogFormat::json) {
    access_logger->info(
        R"("message":"access","client":{},"method":{},"target":{},"status":{},"bytes":{},"seconds":{:.6f})",
        quoted(access.client), quoted(access.method), quoted(access.target), access.status, access.bytes,
        seconds);
  } else {
    access_logger->info("{} {} {} {} {} {:.6f}", access.client, access.method, access.target, access.status,
                        access.bytes, seconds);
  }
}

}  // namespace stockfold
