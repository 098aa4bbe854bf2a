#include "tools/console/options.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include "protocol/text/time_text.h"
#include "tools/console/address.h"

namespace stockfold {
namespace {

constexpr double kMaxSeconds = 86'400;

/// The first line of a file that only its owner and its group may read.
Parsed<std::string> read_token(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::unexpected(fmt::format("{}: {}", path, std::generic_category().message(errno)));
  }
  if ((found.st_mode & S_IRWXO) != 0) {
    return std::unexpected(fmt::format("{}: every user can read this token; run chmod o= {}", path, path));
  }
  std::ifstream in(path);
  std::string token;
  if (!std::getline(in, token)) return std::unexpected(path + ": the file holds no token");
  while (token.ends_with(' ') || token.ends_with('\r')) token.pop_back();
  return token;
}

}  // namespace

Parsed<Day> parse_day(std::string_view text) {
  if (const auto day = parse_date(text)) return *day;
  if (const auto time = parse_time(text)) return day_of(*time);
  return std::unexpected(
      fmt::format("\"{}\" is not a day such as 2026-01-02 or a time such as 2026-01-02T03:04:05Z", text));
}

Parsed<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (whole && seconds >= 0.001 && seconds <= kMaxSeconds) {
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
  }
  return std::unexpected(
      fmt::format("\"{}\" is not a number of seconds from 0.001 to {}", text, kMaxSeconds));
}

void add_call_options(CLI::App& app, CallOptions& options) {
  const auto set_server = [&options](const std::string& text) {
    auto address = parse_address(text);
    if (!address) throw CLI::ValidationError("--server", address.error());
    std::tie(options.host, options.port) = *std::move(address);
  };
  app.add_option_function<std::string>("--server", set_server, "the ledger (127.0.0.1:7070)")
      ->type_name("HOST:PORT")
      ->envname("STOCKFOLD_SERVER");
  add_argument(app, "--timeout", options.timeout, parse_seconds, "how long to wait for the answer (30)")
      ->type_name("SECONDS");
  app.add_flag("--json", options.json, "one JSON object a line");
  add_argument(app, "--life", options.life, parse_life,
               "do nothing unless the ledger is in this life: the start of its id, and the epoch")
      ->type_name("ID.EPOCH");
  app.add_option("--token-file", options.token_file,
                 "file with the token (or set STOCKFOLD_TOKEN to the token)")
      ->type_name("FILE")
      ->envname("STOCKFOLD_TOKEN_FILE");
  app.add_flag("--tls", options.speaks_tls, "use TLS and trust the system's certificate authorities")
      ->envname("STOCKFOLD_TLS");
  app.add_option("--tls-ca", options.tls.ca, "use TLS and trust the authorities in this PEM file")
      ->type_name("FILE")
      ->envname("STOCKFOLD_TLS_CA");
  app.add_option("--tls-name", options.tls.name,
                 "name that the ledger's certificate must have (default: its host)")
      ->type_name("NAME")
      ->envname("STOCKFOLD_TLS_NAME");
  auto* certificate =
      app.add_option("--client-certificate", options.tls.certificate, "client certificate, in PEM")
          ->type_name("FILE")
          ->envname("STOCKFOLD_CLIENT_CERTIFICATE");
  auto* key = app.add_option("--client-key", options.tls.key, "its key, in PEM")
                  ->type_name("FILE")
                  ->envname("STOCKFOLD_CLIENT_KEY");
  certificate->needs(key);
  key->needs(certificate);
}

Parsed<ClientOptions> client_options(const CallOptions& call) {
  ClientOptions options;
  options.host = call.host;
  options.port = call.port;
  options.connect_timeout = std::min(options.connect_timeout, call.timeout);
  options.request_timeout = call.timeout;
  options.name = "stockfold " STOCKFOLD_VERSION;
  options.life = call.life;
  const TlsClientOptions& tls = call.tls;
  if (call.speaks_tls || !tls.ca.empty() || !tls.name.empty() || !tls.certificate.empty()) options.tls = tls;
  if (!call.token_file.empty()) {
    auto token = read_token(call.token_file);
    if (!token) return std::unexpected(std::move(token.error()));
    options.token = std::move(*token);
  } else if (const char* token = std::getenv("STOCKFOLD_TOKEN"); token != nullptr) {  // NOLINT(*-mt-unsafe)
    options.token = token;
  }
  if (options.token.size() <= kMaxTokenBytes) return options;
  return std::unexpected(std::string("the token is too long"));
}

void add_command_options(CLI::App& app, CommandOptions& options) {
  add_argument(app, "--command-id", options.id, parse_command_id,
               "UUID of the command; it has one outcome for ever")
      ->type_name("UUID");
  const auto parse_expected = [](std::string_view text) -> Parsed<ExpectedVersion> {
    auto version = parse_as<StreamVersion>(text, 0, UINT64_MAX);
    if (!version) return std::unexpected(std::move(version.error()));
    return ExpectedVersion::exactly(*version);
  };
  add_argument(app, "--expect-version", options.expected, parse_expected,
               "refuse unless this is the version; 0: must not exist")
      ->type_name("N");
  app.add_option("--actor", options.actor, "name of the caller")->type_name("TEXT");
}

void add_freshness(CLI::App& app, Freshness& freshness) {
  add_argument(app, "--min-position", freshness.min_position, parse_position,
               "wait until this position is visible")
      ->type_name("P");
  app.add_flag("--stale", freshness.stale, "answer at once from what the views hold");
}

void add_at(CLI::App& app, std::optional<Moment>& at) {
  add_argument(app, "--at", at, parse_moment, "as it was at this position or RFC 3339 time")
      ->type_name("P|TIME")
      ->excludes("--stale");
}

void add_limit(CLI::App& app, std::uint64_t& limit) {
  add_number(app, "--limit", limit, 1, UINT64_MAX, "how many at most");
}

}  // namespace stockfold
