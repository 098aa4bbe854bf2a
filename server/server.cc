#include "server/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>
#include <utility>
#include <vector>

#include "net/awaiting.h"
#include "net/connection.h"
#include "server/access/exposure.h"
#include "server/logging/logs.h"
#include "storage/codec/wall_clock.h"
#include "storage/files/durable_directory.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kSweep{500};
constexpr std::chrono::milliseconds kLastSweeps{50};  ///< While it shuts down.
/// Connections that are accepted in one turn of the acceptor, which comes when all others have had theirs.
constexpr int kAcceptedAtOnce = 64;
/// What the kernel keeps of a connection's replies: enough for who reads, and little for who does not.
constexpr int kSendBytes = 256 << 10;
/// How long commands that wait are made to wait, at the least, for what else is ready.
constexpr std::chrono::microseconds kGather{500};
/// At the most, however long the commit before took: a stalled sync is no reason to gather as long.
constexpr std::chrono::milliseconds kLongestGather{100};

/// A coroutine that ends by an exception has a bug, or no memory; either is said.
void report(const char* what, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("{}: {}", what, error.what());
  }
}

Fault refused(std::string what) {
  return {.kind = FaultKind::io, .what = std::move(what), .position = GlobalPosition(0)};
}

/// Opens `acceptor` on an address and returns where it then listens.
Result<asio::ip::tcp::endpoint> listen(asio::ip::tcp::acceptor& acceptor, const std::string& host,
                                       std::uint16_t port) {
  using Tcp = asio::ip::tcp;
  const auto wanted = resolve_endpoint(host, port);
  if (!wanted) return std::unexpected(refused(wanted.error()));
  boost::system::error_code error;
  Tcp::endpoint endpoint;
  acceptor.open(wanted->protocol(), error);
  if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.set_option(asio::socket_base::send_buffer_size(kSendBytes), error);  // inherited
  if (!error) acceptor.bind(*wanted, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) endpoint = acceptor.local_endpoint(error);
  if (!error) return endpoint;
  return std::unexpected(
      refused("cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message()));
}

std::filesystem::path token_file_of(const ServerOptions& options) {
  return options.tokens.empty() ? options.data / "tokens.json" : options.tokens;
}

}  // namespace

std::expected<void, std::string> check_access(const ServerOptions& options) {
  auto tokens = read_token_file(token_file_of(options));
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  if (!*tokens && !options.tokens.empty()) {  // a slip of the pen must not open the ledger to all
    return std::unexpected(options.tokens.string() +
                           ": there is no such file of tokens; make it: stockfold token create NAME --scope "
                           "read,command --tokens " +
                           options.tokens.string());
  }
  if (options.tls) {
    if (auto usable = TlsContext::of_server(*options.tls, kTcpProtocol); !usable)
      return std::unexpected(std::move(usable.error()));
  }
  const Protection protection{.tls = options.tls.has_value(), .tokens = *tokens && !(*tokens)->empty()};
  for (const auto& [host, port] :
       {std::pair(options.host, options.port), std::pair(options.http_host, options.http_port)}) {
    auto endpoint = resolve_endpoint(host, port);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (auto closed = check_exposure(*endpoint, protection); !closed) return closed;
  }
  return {};
}

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
  if (auto loaded = server->access_files_.load(); !loaded) return std::unexpected(refused(loaded.error()));
  const ServerOptions& wanted = server->options_;
  auto endpoint = listen(server->acceptor_, wanted.host, wanted.port);
  if (!endpoint) return std::unexpected(std::move(endpoint.error()));
  server->endpoint_ = *endpoint;
  auto http_endpoint = listen(server->http_acceptor_, wanted.http_host, wanted.http_port);
  if (!http_endpoint) return std::unexpected(std::move(http_endpoint.error()));
  server->http_endpoint_ = *http_endpoint;
  // Once more, of what there is now: to open the store took its time.
  const Protection protection{.tls = server->access_files_.tcp_tls() != nullptr,
                              .tokens = server->entrance_.access.needs_token()};
  for (const auto& listened : {*endpoint, *http_endpoint}) {
    if (auto closed = check_exposure(listened, protection); !closed) {
      return std::unexpected(refused(closed.error()));
    }
  }
  server->signals_.add(SIGTERM);  // before anybody is told that it is ready
  server->signals_.add(SIGINT);
  server->reload_signals_.add(SIGHUP);
  return server;
}

Server::Server(ServerOptions options)
    : options_(std::move(options)),
      entrance_{
          .access = Access(wall_clock), .failed_log_ins = {}, .log_in_complaints = {}, .tls_complaints = {}},
      http_guard_(options_.http_guard),
      access_files_(options_.tls, token_file_of(options_), entrance_.access),
      connection_memory_(options_.session.memory),
      http_date_(wall_clock) {}

Result<void> Server::make_engine(std::unique_ptr<Store> store, const CatchUpProgress& progress) {
  EngineCallbacks callbacks;
  callbacks.failed = [this](const Fault& fault) { fail(fault); };
  callbacks.committed = [this](const CommitFigures& commit) { metrics_.count(commit); };
  callbacks.progress = progress;
  options_.engine.patience = options_.session.read;
  options_.engine.stand_in = &stand_in_;
  auto engine = Engine::make(io_.get_executor(), std::move(store), options_.data, options_.engine,
                             std::move(callbacks));
  if (!engine) return std::unexpected(std::move(engine.error()));
  engine_ = std::move(*engine);
  sampler_.emplace(engine_->store().files());
  context_.emplace(tcp_context());
  http_context_.emplace(http_context());
  return {};
}

SessionContext Server::tcp_context() {
  return {
      .writer = engine_->writer(),
      .log = engine_->store().log(),
      .queries = engine_->queries(),
      .rebuild = engine_->rebuild(),
      .checkpoint = engine_->checkpoint(),
      .entrance = entrance_,
      .reserve = engine_->reserve(),
      .memory = connection_memory_,
      .metrics = metrics_,
      .limits = options_.session,
  };
}

HttpContext Server::http_context() {
  return {
      .writer = engine_->writer(),
      .ledger = engine_->ledger(),
      .queries = engine_->queries(),
      .entrance = entrance_,
      .guard = http_guard_,
      .reserve = engine_->reserve(),
      .memory = connection_memory_,
      .turns = http_turns_,
      .metrics = metrics_,
      .date = http_date_,
      .readiness = [this] { return engine_->readiness(); },
      .metrics_text = [this] { return render(metrics_, readings()); },
      .timeout = options_.http_timeout,
      .idle = options_.http_idle_timeout,
      .heartbeat = options_.http_heartbeat,
  };
}

// ---- serving ----------------------------------------------------------------------------------------------

Result<void> Server::run() {
  engine_->start();
  const auto accept_ended = [](const std::exception_ptr& failure) {
    report("accepting connections", failure);
  };
  asio::co_spawn(io_,
                 accept(acceptor_, sessions_, options_.max_connections, &Server::start_session,
                        access_files_.tcp_tls() ? std::string() : TooMany::farewell(), metrics_.tcp),
                 accept_ended);
  asio::co_spawn(
      io_,
      accept(http_acceptor_, http_sessions_, options_.max_http_connections, &Server::start_http_session,
             access_files_.http_tls() ? std::string() : TooMany::http_farewell(), metrics_.http),
      accept_ended);
  asio::co_spawn(io_, enforce_deadlines(),
                 [](const std::exception_ptr& failure) { report("enforcing deadlines", failure); });
  await_end();
  await_reload();

  serve();
  engine_->stop();
  io_.restart();
  io_.poll();  // a fault that was met while the threads ended
  if (fault_) return std::unexpected(*fault_);
  return {};
}

/// Until the last session has ended after begin_shutdown(). What is ready is read first, so that one commit
/// takes all of it; what comes in while that is synced is the next one's. But reading takes no longer than
/// the commit before took: clients that never stop asking would else keep the next one from ever beginning.
void Server::serve() {
  using Clock = std::chrono::steady_clock;
  const auto turn = stand_in_.serve();
  Clock::duration gathering = kGather;
  for (;;) {
    http_turns_.give(kHttpTurns);
    if (!engine_->writer().pending() && io_.run_one() == 0) return;
    auto now = Clock::now();
    for (const auto until = now + gathering; now < until; now = Clock::now()) {
      engine_->writer().commands_come_at(now);
      if (io_.poll_one() == 0) break;
    }
    if (!engine_->writer().pending()) continue;
    const auto begun = Clock::now();
    engine_->commit();
    const int share =
        engine_->writer().pending() ? 3 : 1;  // what waits anyway makes the next commit large enough
    gathering = std::clamp<Clock::duration>((Clock::now() - begun) / share, kGather, kLongestGather);
  }
}

void Server::stop() {
  asio::post(io_, [this] { shut_down(); });
}

template <class Sessions>
asio::awaitable<void> Server::accept(Tcp::acceptor& acceptor, const Sessions& sessions, std::size_t most,
                                     void (Server::*start)(Tcp::socket), std::string farewell,
                                     ConnectionCounts& counts) {
  while (!stopping_) {
    auto [error, socket] = co_await acceptor.async_accept(kAsTuple);
    if (stopping_) co_return;
    if (error) {
      spdlog::warn("a connection could not be accepted: {}", error.message());
      asio::steady_timer pause(io_, std::chrono::milliseconds(100));  // out of descriptors: let some go
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    for (int accepted = 1; !error; ++accepted) {
      if (sessions.size() >= most) {
        ++turned_away_;
        ++counts.rejected;
        too_many_.tell(std::move(socket), farewell, counts);
      } else {
        ++counts.accepted;
        (this->*start)(std::move(socket));
      }
      if (accepted == kAcceptedAtOnce) break;
      socket = Tcp::socket(io_);
      acceptor.accept(socket, error);
    }
  }
}

void Server::start_session(Tcp::socket socket) {
  if (!Connection::prepare(socket)) return;  // the client is gone already
  const auto& tls = access_files_.tcp_tls();
  const auto session = std::make_shared<Session>(std::move(socket), tls ? tls->accept() : nullptr, *context_);
  sessions_.insert(session);
  asio::co_spawn(io_, session->run(), [this, session](const std::exception_ptr& failure) {
    report("a connection", failure);
    session->close();
    sessions_.erase(session);
    session_ended();
  });
}

void Server::start_http_session(Tcp::socket socket) {
  if (!Connection::prepare(socket)) return;  // the client is gone already
  const auto session =
      std::make_shared<HttpSession>(std::move(socket), access_files_.http_tls(), *http_context_);
  http_sessions_.insert(session);
  asio::co_spawn(io_, session->run(), [this, session](const std::exception_ptr& failure) {
    report("an HTTP connection", failure);
    session->close();
    http_sessions_.erase(session);
    session_ended();
  });
}

asio::awaitable<void> Server::enforce_deadlines() {
  while (!stopping_ || !sessions_.empty() || !http_sessions_.empty()) {
    sweep_.expires_after(stopping_ ? kLastSweeps : kSweep);
    co_await sweep_.async_wait(kAsTuple);
    engine_->look();
    if (const std::uint64_t count = std::exchange(turned_away_, 0); count > 0) {
      spdlog::warn("rejected {} connections: {} of clients and {} of HTTP are open", count,
                   sessions_.size(), http_sessions_.size());
    }
    if (const std::size_t count = connection_memory_.take_closed(); count > 0) {
      spdlog::warn("closed {} connections: total connection memory is over its limit and these held the most",
                   count);
    }
    report_complaints();
    access_files_.look_at_tokens();
    const auto moment = std::chrono::steady_clock::now();
    for (const auto& session : sessions_) session->enforce_deadline(moment);
    for (const auto& session : http_sessions_) session->enforce_deadline(moment);
    if (stopping_) enforce_shutdown(moment);
  }
  boost::system::error_code ignored;  // nobody waits for a second signal then
  signals_.cancel(ignored);
}

// ---- access -----------------------------------------------------------------------------------------------

void Server::await_reload() {
  reload_signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    reopen_log_file();
    access_files_.reload();
    await_reload();
  });
}

void Server::report_complaints() {
  const auto report = [](const Complaints::Taken& taken, const char* what) {
    if (taken.count > 0)
      spdlog::warn("{} {}, the last from {}: {}", taken.count, what, taken.address, taken.why);
  };
  report(entrance_.log_in_complaints.take(), "log-ins failed");
  report(entrance_.tls_complaints.take(), "TLS connections failed");
}

}  // namespace stockfold
