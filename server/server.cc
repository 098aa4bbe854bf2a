#include "server/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "net/awaiting.h"
#include "projections/views.h"
#include "server/access/exposure.h"
#include "server/log_failure.h"
#include "server/logging/logs.h"
#include "server/readings.h"
#include "storage/files/durable_directory.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kSweep{500};
constexpr std::chrono::milliseconds kLastSweeps{50};  ///< During the shutdown.
Fault refused(std::string what) {
  return {.kind = FaultKind::io, .what = std::move(what), .position = GlobalPosition(0)};
}

}  // namespace

// ---- opening ----------------------------------------------------------------------------------------------

Result<std::unique_ptr<Server>> Server::open(const StorageEngine& storage, ServerOptions options,
                                             const CatchUpProgress& progress) {
  if (auto closed = check_access(options); !closed) return std::unexpected(refused(closed.error()));
  for (const Projection* projection : all_projections()) {
    auto& names = projection->gates_commands() ? options.store.views : options.store.late_views;
    names.emplace_back(projection->name());
  }
  if (auto ours = make_private_directory(options.data); !ours)
    return std::unexpected(std::move(ours.error()));
  auto store = storage.open(options.data, options.store);
  if (!store) return std::unexpected(std::move(store.error()));

  std::unique_ptr<Server> server(new Server(std::move(options)));
  if (auto made = server->make_engine(std::move(*store), progress); !made)
    return std::unexpected(std::move(made.error()));
  if (auto listening = server->listen(); !listening) return std::unexpected(std::move(listening.error()));
  return server;
}

Server::Server(ServerOptions options) : options_(std::move(options)), shared_(options_) {}

Result<void> Server::make_engine(std::unique_ptr<Store> store, const CatchUpProgress& progress) {
  EngineCallbacks callbacks;
  callbacks.failed = [this](const Fault& fault) { fail(fault); };
  callbacks.committed = [this](const CommitFigures& commit) { shared_.metrics.count(commit); };
  callbacks.progress = progress;
  options_.engine.patience = options_.session.read;
  options_.engine.stand_in = &loop_.stand_in();
  auto engine = Engine::make(io_.get_executor(), std::move(store), options_.data, options_.engine,
                             std::move(callbacks));
  if (!engine) return std::unexpected(std::move(engine.error()));
  engine_ = std::move(*engine);
  sampler_.emplace(engine_->store().files());
  return {};
}

Result<void> Server::listen() {
  if (auto loaded = shared_.access_files.load(); !loaded) return std::unexpected(refused(loaded.error()));
  const ServiceParts parts{
      .io = io_, .options = options_, .shared = shared_, .engine = *engine_, .session_ended = [this] {
        session_ended();
      }};
  tcp_.emplace(parts);
  http_.emplace(parts, loop_.turns(), [this] { return metrics_text(); });
  if (auto done = tcp_->listener.listen(options_.host, options_.port); !done) return done;
  if (auto done = http_->listener.listen(options_.http_host, options_.http_port); !done) return done;
  // Once more, of what there is now: to open the store took its time.
  const Protection protection{.tls = shared_.access_files.tcp_tls() != nullptr,
                              .tokens = shared_.entrance.access.needs_token()};
  for (const Endpoint& listened : {endpoint(), http_endpoint()}) {
    if (auto closed = check_exposure(listened, protection); !closed)
      return std::unexpected(refused(closed.error()));
  }
  signals_.end.add(SIGTERM);  // before the server reports that it is ready
  signals_.end.add(SIGINT);
  signals_.reload.add(SIGHUP);
  return {};
}

// ---- serving ----------------------------------------------------------------------------------------------

Result<void> Server::run() {
  engine_->start();
  tcp_->start();
  http_->start();
  asio::co_spawn(io_, sweep(),
                 [](const std::exception_ptr& failure) { log_failure("enforcing deadlines", failure); });
  await_end();
  await_reload();

  loop_.run(*engine_);
  engine_->stop();
  io_.restart();
  io_.poll();  // a fault that was met while the threads ended
  if (fault_) return std::unexpected(*fault_);
  return {};
}

asio::awaitable<void> Server::sweep() {
  while (!shutdown_.begun || has_sessions()) {
    next_sweep_.expires_after(shutdown_.begun ? kLastSweeps : kSweep);
    co_await next_sweep_.async_wait(kAsTuple);
    engine_->look();
    log_rejections();
    shared_.access_files.look_at_tokens();
    const auto now = std::chrono::steady_clock::now();
    tcp_->listener.enforce_deadlines(now);
    http_->listener.enforce_deadlines(now);
    if (shutdown_.begun) enforce_shutdown(now);
  }
  boost::system::error_code ignored;  // a second signal has nothing left to do
  signals_.end.cancel(ignored);
}

void Server::log_rejections() {
  const std::uint64_t rejected = tcp_->listener.take_rejected() + http_->listener.take_rejected();
  if (rejected > 0) {
    spdlog::warn("rejected {} connections: {} of clients and {} of HTTP are open", rejected,
                 tcp_->listener.open(), http_->listener.open());
  }
  if (const std::size_t count = shared_.memory.take_closed(); count > 0) {
    spdlog::warn("closed {} connections: total connection memory is over its limit and these held the most",
                 count);
  }
  const auto report = [](const Complaints::Taken& taken, const char* what) {
    if (taken.count > 0)
      spdlog::warn("{} {}, the last from {}: {}", taken.count, what, taken.address, taken.why);
  };
  report(shared_.entrance.log_in_complaints.take(), "log-ins failed");
  report(shared_.entrance.tls_complaints.take(), "TLS connections failed");
}

std::string Server::metrics_text() const {
  Readings now = readings_of(*engine_, options_.engine);
  now.version = options_.version;
  now.tcp = {.open = tcp_->listener.open(), .most = options_.max_connections};
  now.http = {.open = http_->listener.open(), .most = options_.max_http_connections};
  now.connection_memory = shared_.memory.held();
  now.most_connection_memory = shared_.memory.limit();
  now.tokens_unreadable = shared_.access_files.tokens_unreadable();
  if (const auto& tls = shared_.access_files.tcp_tls()) now.certificate_expires = tls->expires();
  now.sample = sampler_->latest();
  return render(shared_.metrics, now);
}

void Server::await_reload() {
  signals_.reload.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    reopen_log_file();
    shared_.access_files.reload();
    await_reload();
  });
}

}  // namespace stockfold
