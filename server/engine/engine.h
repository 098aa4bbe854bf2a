// The engine room: a store, its views kept at the head of the log, the ledger with its queue, and the
// queries.
//
// Engine::make() composes it for the server, the simulation, the histories and the fuzzers alike: what is
// simulated is what ships. The engine has no sockets and takes no signals.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/fault.h"
#include "net/position_gate.h"
#include "projections/following/follower.h"
#include "projections/following/late_views.h"
#include "projections/past.h"
#include "projections/views.h"
#include "server/engine/between_commits.h"
#include "server/engine/clock_guard.h"
#include "server/engine/disk_reserve.h"
#include "server/engine/lending_log.h"
#include "server/engine/online_checkpoint.h"
#include "server/engine/online_rebuild.h"
#include "server/engine/open_views.h"
#include "server/engine/readiness.h"
#include "server/engine/stand_in.h"
#include "server/ledger/ledger.h"
#include "server/ledger/writer.h"
#include "server/queries/queries.h"
#include "server/queries/reading_pace.h"
#include "storage/engine/store.h"
#include "storage/files/head_key.h"

namespace stockfold {

/// What the engines of the server and of tests differ in, besides their stores.
struct EngineOptions {
  /// The head's key; null: the key in the data directory, made where there is none.
  std::shared_ptr<const HeadKey> key;
  /// A view that gates no command and trails the log by more events is built while the ledger serves. The
  /// default takes about a second to fold: the start waits for it, and no client meets a view that is not
  /// ready.
  std::uint64_t catch_up_first = 1'000'000;
  /// Bytes on the disk that commands may not take; empty: default_reserve() of the file system.
  std::optional<std::uint64_t> disk_reserve;
  /// How much room the disk has; empty: what the file system of the data directory says.
  DiskReserve::Look disk_space;
  ClockOptions clock;
  std::optional<Clocks> clocks;  ///< Empty: the machine's.
  /// Whether the reading thread rests while commands come; see ReadingPace.
  bool reads_rest = ReadingPace::has_to_rest();
  std::chrono::milliseconds patience{5'000};  ///< How long a read waits for its position.
  /// Serves the sockets of `network` while the log appends; null: they wait. Outlives the engine.
  StandIn* stand_in = nullptr;
  LedgerOptions ledger;
  WriterOptions writer;
  FollowerOptions follower;
};

struct EngineCallbacks {
  /// The store cannot be trusted, or cannot be written any more. Any thread; may be called again.
  std::function<void(const Fault&)> failed;
  /// A commit was made and answered. Called by Writer::commit().
  std::function<void(const CommitFigures&)> committed = [](const CommitFigures&) {};
  /// Where the views are on their way to the head. Called by Engine::make().
  CatchUpProgress progress = [](GlobalPosition, GlobalPosition) {};
};

/// Members are called on the serving thread, the one thread that appends, unless their comment says
/// otherwise.
class Engine {
 public:
  /// Brings the views of `store` to the head of its log, except those that are built later, and opens the
  /// ledger on them. `data`: the directory of the head's key and of checkpoints; checkpoints that a killed
  /// ledger left there are removed. `network` runs on one thread. Makes only the reader
  /// thread; start() makes the others.
  static Result<std::unique_ptr<Engine>> make(const boost::asio::any_io_executor& network,
                                              std::unique_ptr<Store> store, const std::filesystem::path& data,
                                              const EngineOptions& options, EngineCallbacks callbacks);
  /// Stops it.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Starts the threads that follow the log and build late views. Callers that never start the engine call
  /// Follower::step() instead.
  void start();
  /// Brings the views to the head, makes them durable, and ends the threads. A second call does nothing.
  void stop();
  /// Makes a commit of commands that wait. Only while some do.
  void commit();
  /// Where tasks wait for the end of the commit that is being made.
  [[nodiscard]] BetweenCommits& between_commits() { return between_commits_; }
  /// Looks at the disk and at the clock: commands are refused, and building pauses, where either is wrong.
  void look();
  /// Ends every wait for a position, and the rebuild under way. Later ones end at once.
  void end_waits();

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] const EventLog& log() const { return store_->log(); }
  [[nodiscard]] const Views& views() const { return *views_; }
  [[nodiscard]] const LateViews& late_views() const { return late_views_; }
  [[nodiscard]] Follower& follower() { return follower_; }
  [[nodiscard]] const Ledger& ledger() const { return *ledger_; }
  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  [[nodiscard]] Writer& writer() { return writer_; }
  [[nodiscard]] const Writer& writer() const { return writer_; }
  [[nodiscard]] Queries& queries() { return queries_; }
  [[nodiscard]] OnlineRebuild& rebuild() { return rebuild_; }
  [[nodiscard]] const OnlineRebuild& rebuild() const { return rebuild_; }
  [[nodiscard]] OnlineCheckpoint& checkpoint() { return checkpoint_; }
  [[nodiscard]] const DiskReserve& reserve() const { return reserve_; }
  [[nodiscard]] const ClockGuard& clock() const { return clock_; }
  /// The thread of reads that may go to the disk.
  [[nodiscard]] boost::asio::thread_pool& readers() { return readers_; }

  /// The end of the log. Any thread.
  [[nodiscard]] GlobalPosition head() const { return head_.position(); }
  /// Every view that is ready holds all events up to here. Any thread.
  [[nodiscard]] GlobalPosition applied() const { return applied_.position(); }
  [[nodiscard]] Readiness readiness() const;
  /// How long the present commit has waited for the log; 0 where none does, or there is no stand-in.
  [[nodiscard]] std::chrono::nanoseconds appending() const;

 private:
  /// What make() opens first: the engine is composed of it.
  struct Parts {
    std::unique_ptr<Store> store;
    std::unique_ptr<const Views> views;
    OpenedViews opened;
    std::shared_ptr<const HeadKey> key;
    std::unique_ptr<LendingLog> lending_log;  ///< Null without a stand-in.
    std::unique_ptr<Ledger> ledger;
  };

  Engine(const boost::asio::any_io_executor& network, Parts parts, const std::filesystem::path& data,
         const EngineOptions& options, EngineCallbacks callbacks);

  [[nodiscard]] Writer::Callbacks writer_callbacks();
  [[nodiscard]] Follower::Callbacks follower_callbacks();
  [[nodiscard]] LateViews::Callbacks late_views_callbacks(std::vector<const Projection*> late);
  [[nodiscard]] QuerySources query_sources(std::chrono::milliseconds patience);
  void look_at_disk();
  void pause_building();

  const std::uint64_t max_view_lag_;
  // Made in this order and destroyed in the opposite one: what uses another part comes behind it.
  EngineCallbacks callbacks_;
  StandIn* const stand_in_;
  BetweenCommits between_commits_;
  boost::asio::thread_pool readers_{1};
  std::unique_ptr<Store> store_;
  std::unique_ptr<const Views> views_;
  Past past_;
  std::shared_ptr<const HeadKey> key_;
  PositionGate head_;
  PositionGate applied_;
  OnlineCheckpoint checkpoint_;
  DiskReserve reserve_;
  ClockGuard clock_;
  ReadingPace pace_;
  std::unique_ptr<LendingLog> lending_log_;
  std::unique_ptr<Ledger> ledger_;
  Writer writer_;
  Follower follower_;
  LateViews late_views_;
  OnlineRebuild rebuild_;
  Queries queries_;
};

}  // namespace stockfold
