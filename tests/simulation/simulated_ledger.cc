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

#include "server/engine/open_views.h"
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

LedgerOptions ledger_options() {
  LedgerOptions options;
  options.cached_aggregates = 4;  // so that most are read back
  options.commit_commands = 16;
  return options;
}

WriterOptions writer_options() {
  WriterOptions options;
  options.queue_limit = 64;
  options.max_view_lag = 200;
  return options;
}

/// No deadline of the machine's clock ever passes.
SessionLimits session_limits() {
  SessionLimits limits;
  limits.write = limits.read = kNever;
  return limits;
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
  auto key = HeadKey::open_or_make(dir);
  if (!key) return std::unexpected(std::move(key.error()));
  auto views =
      open_views((*store)->log(), (*store)->views(), /*catch_up_first=*/1'000'000, [](auto, auto) {});
  if (!views) return std::unexpected(std::move(views.error()));
  std::unique_ptr<SimulatedLedger> ledger(
      new SimulatedLedger(std::move(*store), std::move(views->catch_up), std::move(*key), env, clock, dir));
  if (auto opened = ledger->open_ledger(); !opened) return std::unexpected(std::move(opened.error()));
  return ledger;
}

SimulatedLedger::SimulatedLedger(std::unique_ptr<Store> store, CatchUp catch_up, HeadKey key,
                                 SimulatedEnv& env, const SimulatedClock& clock,
                                 const std::filesystem::path& dir)
    : env_(env),
      clock_(clock),
      store_(std::move(store)),
      catch_up_(std::move(catch_up)),
      views_(store_->views()),
      past_(store_->views(), store_->log()),
      key_(std::move(key)),
      head_(io_.get_executor(), store_->log().head().position),
      applied_(io_.get_executor(), store_->log().head().position),
      checkpoint_(store_->files(), dir, readers_),
      connection_memory_(session_limits().memory) {}

Result<void> SimulatedLedger::open_ledger() {
  const EventLog& log = store_->log();
  auto ledger = Ledger::open(store_->log(), views_, ledger_options());
  if (!ledger) return std::unexpected(std::move(ledger.error()));
  ledger_ = std::move(*ledger);
  writer_ = std::make_unique<Writer>(
      *ledger_, writer_options(),
      Writer::Callbacks{.now = [this] { return clock_.time(); },
                        .appended = [this](GlobalPosition position) { head_.reach(position); },
                        .failed = [this](const Fault& fault) { fail(fault); }});
  auto unused = CatchUp::start(log, store_->views(), all_projections());
  if (!unused) return std::unexpected(std::move(unused.error()));
  follower_.emplace(std::move(*unused), store_->views(), FollowerOptions{}, Follower::Callbacks{});
  late_views_.emplace(log, store_->views(), *follower_, std::vector<const Projection*>(),
                      LateViews::Options{}, LateViews::Callbacks{});
  rebuild_.emplace(io_.get_executor(), log, store_->views(), *follower_, between_commits_,
                   [this] { return ledger_->forget(); });
  queries_.emplace(QuerySources{
      .ledger = *ledger_,
      .log = log,
      .views = views_,
      .past = past_,
      .head = head_,
      .applied = applied_,
      .hurry = [this] { hurried_ = true; },
      .late_views = *late_views_,
      .key = key_,
      .readers = readers_,
      .pace = pace_,
      .failed = [this](const Fault& fault) { fail(fault); },
      .patience = session_limits().read,
  });
  context_.emplace(SessionContext{
      .writer = *writer_,
      .log = log,
      .queries = *queries_,
      .rebuild = *rebuild_,
      .checkpoint = checkpoint_,
      .entrance = entrance_,
      .reserve = reserve_,
      .memory = connection_memory_,
      .metrics = metrics_,
      .limits = session_limits(),
      .now = [this] { return clock_.steady(); },
  });
  return {};
}

SimulatedLedger::~SimulatedLedger() {
  // Sessions end in order, because nothing may be left that waits in them; no client receives their replies
  // any more.
  head_.close();
  applied_.close();
  for (const auto& session : sessions_) session->close();
  while (!sessions_.empty()) {
    while (poll()) {
    }
    if (writer_->pending()) writer_->commit();
  }
  readers_.join();
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

/// Waits until reads on other threads are done: otherwise their moment would be random. One task of the
/// network thread begins a read, and another ends it.
void SimulatedLedger::wait_for_readers() {
  std::promise<void> done;
  asio::post(readers_, [this, &done] {
    asio::post(readers_, [this, &done] { asio::post(readers_, [&done] { done.set_value(); }); });
  });
  done.get_future().wait();
}

void SimulatedLedger::commit() { writer_->commit(); }

bool SimulatedLedger::follow(std::size_t max_events) {
  hurried_ = false;
  const auto folded = catch_up_.step(max_events);
  if (!folded) {
    fail(folded.error());
    return false;
  }
  writer_->views_reached(catch_up_.position());
  applied_.reach(catch_up_.position());
  return *folded > 0;
}

void SimulatedLedger::begin_flush() {
  if (auto begun = store_->views().begin_flush(); !begun) fail(begun.error());
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
    if (writer_->pending()) {
      writer_->commit();
      busy = true;
    }
    while (!fault_ && follow(1'000)) busy = true;
  }
  if (fault_) return;
  const SimulatedEnv::RunningFlushes running(env_);
  if (auto flushed = store_->views().flush(); !flushed) fail(flushed.error());
}

void SimulatedLedger::fail(const Fault& fault) {
  if (!fault_) fault_ = fault;
}

}  // namespace stockfold
