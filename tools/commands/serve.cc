#include "tools/commands/serve.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "server/logging/logs.h"
#include "server/server.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/exit_code.h"
#include "tools/console/fault_text.h"
#include "tools/console/open_files.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/settings/serve_options.h"
#include "tools/settings/service_notice.h"
#include "tools/settings/settings.h"

namespace stockfold {
namespace {

/// Descriptors that connections may not use, because a store that cannot open its next file accepts no more
/// commands.
constexpr std::uint64_t kKeptFiles = 1'024;

template <class Endpoint>
std::string text_of(const Endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

/// Limits the connections to the descriptors that are available.
void bound_connections(ServerOptions& options) {
  const std::uint64_t kept = kKeptFiles + options.max_http_connections;
  const std::uint64_t limit = raise_open_files(options.max_connections + kept);
  const std::uint64_t most = limit - std::min(kept, limit / 2);
  if (options.max_connections <= most) return;
  spdlog::warn("at most {} connections are accepted, not {}: the limit of open files is {}", most,
               options.max_connections, limit);
  options.max_connections = most;
}

/// Notifies systemd, if it waits for this.
void tell_state(std::string_view state) {
  if (auto sent = tell_service(state); !sent) spdlog::warn("cannot notify systemd: {}", sent.error());
}

int serve(ServeOptions options) {
  if (auto started = start_logs(options.logs); !started) return tell(started.error());
  std::signal(SIGHUP, SIG_IGN);  // from a closed terminal, or a reload that comes too early
  options.server.version = STOCKFOLD_VERSION;
  options.server.stopping = [] { tell_state("STOPPING=1"); };
  bound_connections(options.server);

  ProgressLine line("catching up");
  auto server = Server::open(storage_engine(), std::move(options.server),
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
  tell_state("READY=1");
  const auto served = (*server)->run();
  return served ? kDone : tell(served.error());
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "run the ledger");
  add_serve_options(*command, *options);
  command->callback([command, options, &exit_code] {
    const auto settings = resolve_serve_options(*command, *options);
    exit_code = settings ? serve(std::move(*options)) : tell(settings.error());
  });
}

}  // namespace stockfold
