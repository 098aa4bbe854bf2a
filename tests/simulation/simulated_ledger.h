// The ledger as the server composes it, but without threads: the caller decides what happens next.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <unordered_set>

#include "core/fault.h"
#include "core/numbers.h"
#include "net/connection_memory.h"
#include "net/position_gate.h"
#include "projections/following/catch_up.h"
#include "projections/following/follower.h"
#include "projections/following/late_views.h"
#include "projections/past.h"
#include "projections/views.h"
#include "server/engine/between_commits.h"
#include "server/engine/online_checkpoint.h"
#include "server/engine/online_rebuild.h"
#include "server/ledger/ledger.h"
#include "server/ledger/writer.h"
#include "server/queries/queries.h"
#include "server/tcp/session.h"
#include "simulation/simulated_clock.h"
#include "simulation/simulated_env.h"
#include "storage/engine/store.h"
#include "storage/files/head_key.h"

namespace stockfold {

/// One life of the process, from its start to its end. One thread.
class SimulatedLedger {
 public:
  /// Opens the store in `dir`, makes it if it does not exist, and brings its views to the head. Everything
  /// named must outlive it.
  static Result<std::unique_ptr<SimulatedLedger>> start(const std::filesystem::path& dir, SimulatedEnv& env,
                                                        const SimulatedClock& clock);
  /// Ends it as it is. The caller must keep the disk from receiving what it would still write.
  ~SimulatedLedger();
  SimulatedLedger(const SimulatedLedger&) = delete;
  SimulatedLedger& operator=(const SimulatedLedger&) = delete;

  /// A new connection; returns its other end, which does not block.
  [[nodiscard]] int connect();

  /// Does one thing on the network: received bytes, a wait that is over, or a finished read. Returns false if
  /// there is none.
  bool poll();
  /// Commands wait for their commit.
  [[nodiscard]] bool pending() const { return writer_->pending(); }
  /// Commits what waits, as much as one commit takes.
  void commit();
  /// Folds about this many events into the views. Returns false if there are none.
  bool follow(std::size_t max_events);
  /// A read waits for the views.
  [[nodiscard]] bool hurried() const { return hurried_; }
  /// Begins to make the views durable.
  void begin_flush();
  /// Closes connections that owed something for too long, as the server does twice a second.
  void enforce_deadlines();
  /// SIGTERM: answers what came in, and makes the views durable.
  void shut_down();

  /// What made it stop writing; nothing while all is well.
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] const Views& views() const { return views_; }
  /// Connections that were closed because they owed something for too long.
  [[nodiscard]] std::uint64_t let_go() const;

 private:
  SimulatedLedger(std::unique_ptr<Store> store, CatchUp catch_up, HeadKey key, SimulatedEnv& env,
                  const SimulatedClock& clock, const std::filesystem::path& dir);
  Result<void> open_ledger();
  void fail(const Fault& fault);
  void wait_for_readers();

  SimulatedEnv& env_;
  const SimulatedClock& clock_;
  boost::asio::io_context io_{1};
  boost::asio::thread_pool readers_{1};
  ReadingPace pace_{false};
  std::optional<SimulatedEnv::RunningFlushes> closing_;  ///< At the end: what a database still flushes.
  std::unique_ptr<Store> store_;
  CatchUp catch_up_;
  Views views_;
  Past past_;
  HeadKey key_;
  PositionGate head_;
  PositionGate applied_;
  std::optional<Follower> follower_;     ///< Never started; a rebuild would need it.
  std::optional<LateViews> late_views_;  ///< There are none.
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Writer> writer_;
  BetweenCommits between_commits_;
  std::optional<OnlineRebuild> rebuild_;
  OnlineCheckpoint checkpoint_;
  Entrance entrance_{.access = Access([this] { return clock_.time(); }),
                     .failed_log_ins = {},
                     .log_in_complaints = {},
                     .tls_complaints = {}};
  DiskReserve reserve_{std::nullopt, {}};  // never checked: a simulated disk fills up without warning
  ConnectionMemory connection_memory_;
  Metrics metrics_;
  std::optional<Queries> queries_;
  std::optional<SessionContext> context_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::optional<Fault> fault_;
  bool hurried_ = false;
};

}  // namespace stockfold
