#include "tools/serve.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "clients/client.h"
#include "server/logs.h"
#include "server/server.h"
#include "tools/exit_code.h"
#include "tools/fault_text.h"
#include "tools/open_files.h"
#include "tools/options.h"
#include "tools/print.h"
#include "tools/progress.h"

namespace stockfold {
namespace {

/// Descriptors that are kept from connections: a store whose next file cannot be opened takes no more
/// commands.
constexpr std::uint64_t kKeptFiles = 1'024;

struct ServeOptions {
  std::string data;
  std::string listen = "127.0.0.1:7070";
  std::string http = "127.0.0.1:8000";
  LogOptions logs;
  ServerOptions server;
};

template <class Endpoint>
std::string text_of(const Endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

/// Lets no more clients in than there are descriptors for.
void bound_connections(ServerOptions& options) {
  const std::uint64_t kept = kKeptFiles + options.max_http_connections;
  const std::uint64_t limit = raise_open_files(options.max_connections + kept);
  const std::uint64_t most = limit - std::min(kept, limit / 2);
  if (options.max_connections <= most) return;
  spdlog::warn("at most {} connections are accepted, not {}: the limit of open files is {}", most,
               options.max_connections, limit);
  options.max_connections = most;
}

int serve(ServeOptions options) {
  if (auto started = start_logs(options.logs); !started) return tell(started.error());
  const auto address = parse_address(options.listen);
  if (!address) throw CLI::ValidationError("--listen", address.error());
  const auto http_address = parse_address(options.http);
  if (!http_address) throw CLI::ValidationError("--http", http_address.error());
  options.server.data = options.data;
  options.server.version = STOCKFOLD_VERSION;
  std::tie(options.server.host, options.server.port) = *address;
  std::tie(options.server.http_host, options.server.http_port) = *http_address;
  bound_connections(options.server);

  ProgressLine line("catching up");
  auto server = Server::open(std::move(options.server),
                             [&](GlobalPosition at, GlobalPosition head) { line.show(at, head); });
  line.end();
  if (!server) return tell(server.error());
  if (const auto& torn = (*server)->torn_tail()) {
    spdlog::warn("the log ended in a record that was never acknowledged; it was cut after position {}: {}",
                 torn->after.value(), torn->what);
  }

  print(fmt::format("ready tcp={} http={} position={}\n", text_of((*server)->endpoint()),
                    text_of((*server)->http_endpoint()), (*server)->position().value()));
  std::fflush(stdout);
  const auto served = (*server)->run();
  return served ? kDone : tell(served.error());
}

void add_connection_limits(CLI::App& command, ServerOptions& options) {
  command.add_option("--max-connections", options.max_connections, "clients at the same time")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("--max-http-connections", options.max_http_connections, "the same over HTTP")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command
      .add_option("--connection-memory", options.session.memory,
                  "what all connections may hold of unfinished requests and of replies not taken")
      ->capture_default_str()
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false));
  const auto add_deadline = [&command](const char* name, std::chrono::milliseconds& deadline,
                                       const char* description) {
    add_argument(command, name, deadline, parse_seconds, description)->type_name("SECONDS");
  };
  add_deadline("--hello-timeout", options.session.hello, "from the connect to a whole hello (10)");
  add_deadline("--frame-timeout", options.session.frame, "from a request's first byte to its last (30)");
  add_deadline("--write-timeout", options.session.write,
               "without a client taking a byte of its replies (30)");
  add_deadline("--idle-timeout", options.session.idle, "without a client sending anything (600)");
  add_deadline("--http-timeout", options.http_timeout, "for a whole HTTP request, and between two (10)");
}

void add_log_options(CLI::App& command, LogOptions& options) {
  static const std::map<std::string, LogLevel> levels = {{"trace", LogLevel::trace},
                                                         {"debug", LogLevel::debug},
                                                         {"info", LogLevel::info},
                                                         {"warn", LogLevel::warn},
                                                         {"error", LogLevel::error}};
  static const std::map<std::string, LogFormat> formats = {{"text", LogFormat::text},
                                                           {"json", LogFormat::json}};
  command.add_option("--log-level", options.level, "the least that is said: trace, debug, info, warn, error")
      ->type_name("LEVEL")
      ->transform(CLI::CheckedTransformer(levels).description(""));
  command.add_option("--log-format", options.format, "text, or json: an object a line")
      ->type_name("FORMAT")
      ->transform(CLI::CheckedTransformer(formats).description(""));
  auto* file = command.add_option("--log-file", options.file, "where the log goes, instead of stderr")
                   ->type_name("FILE");
  command.add_option("--log-rotate", options.rotate_bytes, "size at which a file is followed by the next")
      ->needs(file)
      ->capture_default_str()
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check(CLI::Range(std::size_t{1'024}, std::size_t{1} << 40));
  command.add_option("--log-keep", options.keep, "files that are kept beside the present one")
      ->needs(file)
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000));
  command.add_flag("--access-log", options.access, "log every HTTP request, at level info");
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "run the ledger");
  command->add_option("--data", options->data, "directory of the store; made where there is none")
      ->required();
  command->add_option("--listen", options->listen, "HOST:PORT; port 0 picks a free one")
      ->capture_default_str();
  command
      ->add_option("--http", options->http,
                   "HOST:PORT of the REST interface, probes and metrics; port 0 picks a free one")
      ->capture_default_str();
  add_connection_limits(*command, options->server);
  add_log_options(*command, options->logs);
  command
      ->add_option("--queue", options->server.writer.queue_limit,
                   "commands that may wait before others are refused")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  command
      ->add_option("--cached-aggregates", options->server.ledger.cached_aggregates,
                   "orders, and as many products, kept in memory")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000'000));
  command
      ->add_option("--catch-up-first", options->server.catch_up_first,
                   "events that views no command is decided on may trail and still be waited for; if they "
                   "trail by more, they are built while the ledger serves")
      ->capture_default_str();
  command
      ->add_option("--block-cache", options->server.store.block_cache_bytes,
                   "memory for what is read of views and log, such as 512MB")
      ->capture_default_str()
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false));
  command
      ->add_option("--recent-commits", options->server.store.recent_commits_bytes,
                   "memory for the latest commits, for those who follow the log")
      ->capture_default_str()
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false));
  command->callback([options, &exit_code] { exit_code = serve(std::move(*options)); });
}

}  // namespace stockfold
