#include "simulation/simulated_ledger.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <utility>
#include <vector>

#include "projections/views.h"
#include "storage/rocksdb/engine.h"
#include "storage/rocksdb/log_database.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

// Small, so that tables are made, merged and read in a few hundred commands.
constexpr std::size_t kBufferBytes = 64U << 10;
constexpr std::chrono::hours kNever(24);

StoreOptions store_options() {
  StoreOptions options;
  options.views = view_names();
  options.log_buffer_bytes = kBufferBytes;
  options.view_buffer_bytes = kBufferBytes;
  options.block_cache_bytes = 1U << 20;
  options.recent_commits_bytes = 16U << 10;
  return options;
}

/// No deadline of the machine's clock ever passes.
SessionLimits session_limits() {
  SessionLimits limits;
  limits.write = limits.read = kNever;
  return limits;
}

EngineOptions engine_options(const SimulatedClock& clock) {
  EngineOptions options;
  options.disk_space = [] { return std::nullopt; };  // a simulated disk fills up without notice
  options.clock.max_jump = {};                       // it is set back by more
  options.clocks = Clocks{
      .wall = [&clock] { return clock.time(); },
      .running =
          [&clock] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady().time_since_epoch());
          }};
  options.reads_rest = false;
  options.patience = kNever;
  options.ledger.cached_aggregates = 4;  // so that most are read back
  options.ledger.commit_commands = 16;
  options.writer.queue_limit = 64;
  options.writer.max_view_lag = 200;
  return options;
}

}  // namespace

Result<std::unique_ptr<SimulatedLedger>> SimulatedLedger::start(const std::filesystem::path& dir,
                                                                SimulatedEnv& env,
                                                                const SimulatedClock& clock) {
  // Opening it waits for flushes.
  const SimulatedEnv::RunningFlushes running(env);
  if (!std::filesystem::exists(dir / "log")) {
    // As an engine would make it, but with an id and a time that are always the same.
    const LedgerRecord record{.ledger = LedgerId{.bytes = {1}}, .epoch = Epoch(1), .created = clock.time()};
    if (auto made = create_log_database(dir / "log", record, &env); !made) {
      return std::unexpected(std::move(made.error()));
    }
  }
  auto store = rocksdb_engine_on(env)->open(dir, store_options());
  if (!store) return std::unexpected(std::move(store.error()));
  std::unique_ptr<SimulatedLedger> ledger(new SimulatedLedger(env, clock));
  if (auto made = ledger->make_engine(std::move(*store), dir); !made)
    return std::unexpected(std::move(made.error()));
  return ledger;
}

SimulatedLedger::SimulatedLedger(SimulatedEnv& env, const SimulatedClock& clock)
    : env_(env), clock_(clock), connection_memory_(session_limits().memory) {}

Result<void> SimulatedLedger::make_engine(std::unique_ptr<Store> store, const std::filesystem::path& dir) {
  EngineCallbacks callbacks;
  callbacks.failed = [this](const Fault& fault) { fail(fault); };
  auto engine =
      Engine::make(io_.get_executor(), std::move(store), dir, engine_options(clock_), std::move(callbacks));
  if (!engine) return std::unexpected(std::move(engine.error()));
  engine_ = std::move(*engine);
  context_.emplace(SessionContext{
      .writer = engine_->writer(),
      .log = engine_->store().log(),
      .queries = engine_->queries(),
      .rebuild = engine_->rebuild(),
      .checkpoint = engine_->checkpoint(),
      .entrance = entrance_,
      .reserve = engine_->reserve(),
      .memory = connection_memory_,
      .metrics = metrics_,
      .limits = session_limits(),
      .now = [this] { return clock_.steady(); },
  });
  return {};
}

SimulatedLedger::~SimulatedLedger() {
  // Sessions end as in a shutdown, for nothing may be left that waits in them. No client hears them any more.
  if (engine_) engine_->end_waits();
  for (const auto& session : sessions_) session->close();
  while (!sessions_.empty()) {
    while (poll()) {
    }
    if (pending()) commit();
  }
  closing_.emplace(env_);
}

int SimulatedLedger::connect() {
  // A pair of local sockets: bytes written on one side are readable on the other at once.
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    throw std::runtime_error("no sockets");
  }
  asio::ip::tcp::socket socket(io_, asio::ip::tcp::v4(), ends[0]);
  socket.non_blocking(true);
  const auto session = std::make_shared<Session>(std::move(socket), nullptr, *context_);
  sessions_.insert(session);
  asio::co_spawn(io_, session->run(), [this, session](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
    session->close();
    sessions_.erase(session);
  });
  return ends[1];
}

bool SimulatedLedger::poll() {
  io_.restart();
  const bool did_something = io_.poll_one() > 0;
  wait_for_readers();
  return did_something;
}

/// Waits until the reading thread has done its reads: chance would decide otherwise when they end. One task
/// of that thread begins a read, and another ends it.
void SimulatedLedger::wait_for_readers() {
  std::promise<void> done;
  asio::thread_pool& readers = engine_->readers();
  asio::post(readers,
             [&] { asio::post(readers, [&] { asio::post(readers, [&done] { done.set_value(); }); }); });
  done.get_future().wait();
}

void SimulatedLedger::commit() { engine_->commit(); }

bool SimulatedLedger::follow(std::size_t max_events) {
  const auto folded = engine_->follower().step(max_events);
  if (!folded) fail(folded.error());
  return folded && *folded > 0;
}

void SimulatedLedger::begin_flush() {
  if (auto begun = store().views().begin_flush(); !begun) fail(begun.error());
}

void SimulatedLedger::enforce_deadlines() {
  for (const auto& session : sessions_) session->enforce_deadline(clock_.steady());
}

std::uint64_t SimulatedLedger::let_go() const {
  return metrics_.tcp.closed.at(static_cast<std::size_t>(CloseReason::silent));
}

void SimulatedLedger::shut_down() {
  for (const auto& session : sessions_) session->finish(clock_.steady() + std::chrono::seconds(10));
  for (bool busy = true; busy;) {
    busy = poll();
    if (pending()) {
      commit();
      busy = true;
    }
    while (!fault_ && follow(1'000)) busy = true;
  }
  if (fault_) return;
  const SimulatedEnv::RunningFlushes running(env_);
  if (auto flushed = store().views().flush(); !flushed) fail(flushed.error());
}

void SimulatedLedger::fail(const Fault& fault) {
  if (!fault_) fault_ = fault;
}

}  // namespace stockfold
