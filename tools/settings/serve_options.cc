#include "tools/settings/serve_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "tools/console/address.h"
#include "tools/console/options.h"
#include "tools/console/print.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kMaxMemory = std::uint64_t{1} << 40;

void add_address(CLI::App& app, const std::string& name, std::string& host, std::uint16_t& port,
                 const std::string& description) {
  const auto read = [name, &host, &port](const std::string& text) {
    auto parsed = parse_address(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error());
    std::tie(host, port) = *std::move(parsed);
  };
  app.add_option_function<std::string>(name, read, description)
      ->type_name("HOST:PORT")
      ->default_str(fmt::format("{}:{}", host, port));
}

template <class Value>
struct Choice {
  std::string_view name;
  Value value;
};

/// One of some words; the one that `target` has is the default.
template <class Value, std::size_t Count>
void add_choice(CLI::App& app, const std::string& name, Value& target,
                const std::array<Choice<Value>, Count>& choices, const std::string& type_name,
                const std::string& description) {
  const auto parse = [&choices](std::string_view text) -> Parsed<Value> {
    const auto* chosen = std::ranges::find(choices, text, &Choice<Value>::name);
    if (chosen != choices.end()) return chosen->value;
    std::string names;
    for (const auto& choice : choices) names.append(names.empty() ? "" : ", ").append(choice.name);
    return std::unexpected(fmt::format("\"{}\" is not one of {}", text, names));
  };
  add_argument(app, name, target, parse, description)
      ->type_name(type_name)
      ->default_str(std::string(std::ranges::find(choices, target, &Choice<Value>::value)->name));
}

void add_connection_limits(CLI::App& app, ServerOptions& options) {
  add_count(app, "--max-connections", options.max_connections, 1, 1'000'000,
            "open client connections at most");
  add_count(app, "--max-http-connections", options.max_http_connections, 1, 1'000'000, "the same over HTTP");
  add_size(app, "--connection-memory", options.session.memory, 1, kMaxMemory,
           "memory for unfinished requests and unread replies of all connections");
  add_seconds(app, "--hello-timeout", options.session.hello, "time from the connect to a complete hello");
  add_seconds(app, "--frame-timeout", options.session.frame,
              "time from the first byte of a request to its last");
  add_seconds(app, "--write-timeout", options.session.write,
              "time that a client may read no byte of its replies");
  add_seconds(app, "--idle-timeout", options.session.idle, "time that a client may send nothing");
  add_seconds(app, "--http-timeout", options.http_timeout,
              "time for a whole HTTP request, and from the connect to the first one");
  add_seconds(app, "--http-idle-timeout", options.http_idle_timeout,
              "time from an HTTP answer to the next request on its connection");
}

void add_log_options(CLI::App& app, LogOptions& options) {
  static constexpr std::array<Choice<LogLevel>, 5> kLevels = {{{"trace", LogLevel::trace},
                                                               {"debug", LogLevel::debug},
                                                               {"info", LogLevel::info},
                                                               {"warn", LogLevel::warn},
                                                               {"error", LogLevel::error}}};
  static constexpr std::array<Choice<LogFormat>, 2> kFormats = {
      {{"text", LogFormat::text}, {"json", LogFormat::json}}};
  add_choice(app, "--log-level", options.level, kLevels, "LEVEL",
             "the lowest level that is logged: trace, debug, info, warn, error");
  add_choice(app, "--log-format", options.format, kFormats, "FORMAT", "text, or json: an object a line");
  app.add_option("--log-file", options.file, "file to log to, instead of stderr")->type_name("FILE");
  add_size(app, "--log-rotate", options.rotate_bytes, 1'024, kMaxMemory,
           "size at which the server starts the next log file");
  add_count(app, "--log-keep", options.keep, 1, 1'000, "older log files to keep");
  app.add_flag("--access-log", options.access, "log every HTTP request, at level info");
}

void add_memory_limits(CLI::App& app, ServerOptions& options) {
  add_count(app, "--queue", options.engine.writer.queue_limit, 1, 10'000'000,
            "commands that may wait before others are refused");
  add_count(app, "--cached-aggregates", options.engine.ledger.cached_aggregates, 0, 1'000'000'000,
            "orders, and as many products, kept in memory");
  add_count(app, "--catch-up-first", options.engine.catch_up_first, 0, INT64_MAX,
            "events that a view which gates no command may trail and still be waited for; if it trails by "
            "more, it is built while the ledger serves");
  add_size(app, "--block-cache", options.store.block_cache_bytes, 0, kMaxMemory,
           "cache for reads of views and log");
  add_size(app, "--recent-commits", options.store.recent_commits_bytes, 0, kMaxMemory,
           "memory for the latest commits, which views and subscribers read");
}

void add_disk_reserve(CLI::App& app, std::optional<std::uint64_t>& bytes) {
  const auto parse = [](std::string_view text) { return parse_size(text, 0, kMaxDisk); };
  add_argument(app, "--disk-reserve", bytes, parse,
               "commands are refused while the disk has less room; if not set: a twentieth of the disk, from "
               "512MB to 1GB, but at most a quarter; 0: never")
      ->type_name("SIZE");
}

void add_clock_options(CLI::App& app, ClockOptions& options) {
  const auto parse = [](std::string_view text) -> Parsed<std::chrono::milliseconds> {
    return text == "0" ? std::chrono::milliseconds(0) : parse_seconds(text);
  };
  add_argument(
      app, "--max-clock-jump", options.max_jump, parse,
      "commands are refused while the clock is ahead of where it should be, or behind the last commit, "
      "by more; 0: never")
      ->type_name("SECONDS")
      ->default_str("300");
  app.add_flag("--accept-clock", options.accept,
               "trust the clock at the start, even if it is behind the last commit or 90 days after it");
}

void add_access_options(CLI::App& app, ServeOptions& options) {
  const auto add_file = [&app](const std::string& name, std::filesystem::path& target,
                               const std::string& description) {
    app.add_option(name, target, description)->type_name("FILE");
  };
  add_file("--tls-certificate", options.tls.certificate,
           "use TLS on both ports, with this certificate and its chain, in PEM");
  add_file("--tls-key", options.tls.key, "the certificate's key, in PEM");
  add_secret(app, "--tls-key-passphrase", options.tls.passphrase, "passphrase of the key");
  add_file("--tls-client-ca", options.tls.client_ca,
           "clients must present a certificate signed by one of these, in PEM");
  add_file("--tls-client-crl", options.tls.client_crl, "certificates that these have revoked, in PEM");
  add_file("--tokens", options.server.tokens,
           "file of the tokens that clients need (default: tokens.json in the data directory)");
  app.add_option("--http-host", options.server.http_guard.hosts,
                 "a host name that HTTP clients use, in addition to the ledger's addresses and its "
                 "certificate's names")
      ->type_name("NAME");
  app.add_option("--http-origin", options.server.http_guard.origins,
                 "origin whose pages may read and send commands over HTTP, such as https://shop.example")
      ->type_name("ORIGIN");
}

/// Faults in the settings of certificates, and in the protection of the addresses.
void add_open_doors(const ServeOptions& options, std::vector<std::string>& found) {
  const TlsServerOptions& tls = options.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    found.emplace_back("tls-certificate and tls-key need each other");
  } else if (tls.certificate.empty() && (!tls.client_ca.empty() || !tls.passphrase.empty())) {
    found.emplace_back("tls-client-ca and tls-key-passphrase need tls-certificate");
  }
  if (tls.client_ca.empty() && !tls.client_crl.empty()) {
    found.emplace_back("tls-client-crl needs tls-client-ca");
  }
  for (const std::string& origin : options.server.http_guard.origins) {
    if (!is_origin(origin)) {
      found.push_back(fmt::format("http-origin: \"{}\" is no origin such as https://shop.example", origin));
    }
  }
  for (const std::string& host : options.server.http_guard.hosts) {
    if (!is_host_name(host)) {
      found.push_back(
          fmt::format("http-host: \"{}\" is no name such as ledger.example, without a port", host));
    }
  }
  if (!found.empty()) return;
  if (const auto closed = check_access(options.server); !closed) found.push_back(closed.error());
}

bool is_changed(const std::vector<Setting>& settings, std::string_view key) {
  const auto setting = std::ranges::find(settings, key, &Setting::key);
  return setting != settings.end() && setting->values != std::vector{setting->default_value};
}

/// Settings that are valid alone and contradict others.
std::vector<std::string> contradictions(const std::vector<Setting>& settings, const ServeOptions& options) {
  std::vector<std::string> found;
  const ServerOptions& server = options.server;
  if (server.data.empty()) {
    found.emplace_back(
        "--data is missing: the directory of the store, also as STOCKFOLD_DATA or data in a file");
  }
  if (server.port != 0 && server.port == server.http_port && server.host == server.http_host) {
    found.push_back(fmt::format("listen and http are the same address, {}:{}", server.host, server.port));
  }
  for (const char* key : {"log-rotate", "log-keep"}) {
    if (is_changed(settings, key) && options.logs.file.empty()) {
      found.push_back(fmt::format("{} needs log-file", key));
    }
  }
  return found;
}

}  // namespace

void add_serve_options(CLI::App& app, ServeOptions& options) {
  app.add_option("--config", options.config, "a file with settings; also as STOCKFOLD_CONFIG")
      ->type_name("FILE")
      ->configurable(false);
  app.add_option("--data", options.server.data, "directory of the store; created if missing")
      ->type_name("DIR");
  add_address(app, "--listen", options.server.host, options.server.port,
              "where clients connect; port 0 picks a free one");
  add_address(app, "--http", options.server.http_host, options.server.http_port,
              "address of the REST interface, probes and metrics; port 0 picks a free one");
  add_access_options(app, options);
  add_connection_limits(app, options.server);
  add_log_options(app, options.logs);
  add_memory_limits(app, options.server);
  add_disk_reserve(app, options.server.engine.disk_reserve);
  add_clock_options(app, options.server.engine.clock);
}

std::expected<std::vector<Setting>, std::vector<std::string>> resolve_serve_options(CLI::App& app,
                                                                                    ServeOptions& options) {
  const char* file = std::getenv("STOCKFOLD_CONFIG");
  if (options.config.empty() && file != nullptr) options.config = file;
  auto settings = resolve_settings(app, options.config);
  if (!settings) return settings;
  if (!options.tls.certificate.empty()) options.server.tls = options.tls;
  auto found = contradictions(*settings, options);
  add_open_doors(options, found);
  if (!found.empty()) {
    return std::unexpected(std::move(found));
  }
  return settings;
}

ExitCode tell(const std::vector<std::string>& wrong_settings) {
  for (const std::string& wrong : wrong_settings) complain("stockfold: " + wrong);
  return kUsage;
}

}  // namespace stockfold
