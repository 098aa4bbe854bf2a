// The server's engine without its threads, and sessions on it: the caller decides what happens next.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <unordered_set>

#include "core/fault.h"
#include "core/numbers.h"
#include "net/connection_memory.h"
#include "projections/views.h"
#include "server/access/access.h"
#include "server/engine/engine.h"
#include "server/metrics/metrics.h"
#include "server/tcp/session.h"
#include "simulation/simulated_clock.h"
#include "simulation/simulated_env.h"
#include "storage/engine/store.h"

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
  [[nodiscard]] bool pending() const { return engine_->writer().pending(); }
  /// Commits what waits, as much as one commit takes.
  void commit();
  /// Folds about this many events into the views. Returns false if there are none.
  bool follow(std::size_t max_events);
  /// Begins to make the views durable.
  void begin_flush();
  /// Closes connections that owed something for too long, as the server does twice a second.
  void enforce_deadlines();
  /// SIGTERM: answers what came in, and makes the views durable.
  void shut_down();

  /// What made it stop writing; nothing while all is well.
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  [[nodiscard]] Store& store() { return engine_->store(); }
  [[nodiscard]] const Views& views() const { return engine_->views(); }
  /// Connections that were closed because they owed something for too long.
  [[nodiscard]] std::uint64_t let_go() const;

 private:
  SimulatedLedger(SimulatedEnv& env, const SimulatedClock& clock);
  Result<void> make_engine(std::unique_ptr<Store> store, const std::filesystem::path& dir);
  void fail(const Fault& fault);
  void wait_for_readers();

  SimulatedEnv& env_;
  const SimulatedClock& clock_;
  boost::asio::io_context io_{1};
  std::optional<SimulatedEnv::RunningFlushes> closing_;  ///< At the end: what a database still flushes.
  std::unique_ptr<Engine> engine_;                       ///< Never started: a rebuild would need that.
  Entrance entrance_{.access = Access([this] { return clock_.time(); }),
                     .failed_log_ins = {},
                     .log_in_complaints = {},
                     .tls_complaints = {}};
  ConnectionMemory connection_memory_;
  Metrics metrics_;
  std::optional<SessionContext> context_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::optional<Fault> fault_;
};

}  // namespace stockfold
