#include "server/engine/engine.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "projections/projection.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

Result<std::shared_ptr<const HeadKey>> key_of(const EngineOptions& options,
                                              const std::filesystem::path& data) {
  if (options.key) return options.key;
  auto key = HeadKey::open_or_make(data);
  if (!key) return std::unexpected(std::move(key.error()));
  spdlog::info("heads are signed with the key {}", to_hex(key->public_key().bytes));
  return std::make_shared<const HeadKey>(std::move(*key));
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::make(const asio::any_io_executor& network,
                                             std::unique_ptr<Store> store, const std::filesystem::path& data,
                                             const EngineOptions& options, EngineCallbacks callbacks) {
  auto opened = open_views(store->log(), store->views(), options.catch_up_first, callbacks.progress);
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto key = key_of(options, data);
  if (!key) return std::unexpected(std::move(key.error()));
  auto views = std::make_unique<const Views>(store->views());
  std::unique_ptr<LendingLog> lending_log;
  if (options.stand_in != nullptr) {
    lending_log = std::make_unique<LendingLog>(store->log(), *options.stand_in);
  }
  EventLog& log = lending_log ? *lending_log : store->log();
  auto ledger = Ledger::open(log, *views, options.ledger);
  if (!ledger) return std::unexpected(std::move(ledger.error()));

  std::unique_ptr<Engine> engine(new Engine(network,
                                            {std::move(store), std::move(views), std::move(*opened),
                                             std::move(*key), std::move(lending_log), std::move(*ledger)},
                                            data, options, std::move(callbacks)));
  if (auto cleared = engine->checkpoint_.clear(); !cleared)
    return std::unexpected(std::move(cleared.error()));
  engine->look_at_disk();
  return engine;
}

Engine::Engine(const asio::any_io_executor& network, Parts parts, const std::filesystem::path& data,
               const EngineOptions& options, EngineCallbacks callbacks)
    : max_view_lag_(options.writer.max_view_lag),
      callbacks_(std::move(callbacks)),
      stand_in_(options.stand_in),
      store_(std::move(parts.store)),
      views_(std::move(parts.views)),
      past_(store_->views(), store_->log()),
      key_(std::move(parts.key)),
      head_(network, store_->log().head().position),
      applied_(network, store_->log().head().position),
      checkpoint_(store_->files(), data, readers_),
      reserve_(options.disk_reserve, options.disk_space ? options.disk_space : stockfold::look_at(data)),
      clock_(options.clock, store_->log().head(), options.clocks.value_or(machine_clocks())),
      pace_(options.reads_rest),
      lending_log_(std::move(parts.lending_log)),
      ledger_(std::move(parts.ledger)),
      writer_(*ledger_, options.writer, writer_callbacks()),
      follower_(std::move(parts.opened.catch_up), store_->views(), options.follower, follower_callbacks()),
      late_views_(store_->log(), store_->views(), follower_, parts.opened.late, LateViews::Options{},
                  late_views_callbacks(parts.opened.late)),
      rebuild_(network, store_->log(), store_->views(), follower_, between_commits_,
               [this] { return ledger_->forget(); }),
      queries_(query_sources(options.patience)) {}

Engine::~Engine() {
  stop();  // the follower calls the writer
  readers_.join();
}

// ---- what each part tells the others ----------------------------------------------------------------------

Writer::Callbacks Engine::writer_callbacks() {
  Writer::Callbacks callbacks;
  callbacks.now = [this] { return clock_.time(); };
  callbacks.appended = [this](GlobalPosition position) {
    head_.reach(position);
    follower_.notify();
  };
  callbacks.failed = callbacks_.failed;
  callbacks.committed = [this](const CommitFigures& commit) {
    callbacks_.committed(commit);
    pace_.committed(commit.answered);
  };
  return callbacks;
}

Follower::Callbacks Engine::follower_callbacks() {
  Follower::Callbacks callbacks;
  callbacks.applied = [this](GlobalPosition position) {
    writer_.views_reached(position);
    applied_.reach(position);
  };
  callbacks.failed = callbacks_.failed;
  return callbacks;
}

LateViews::Callbacks Engine::late_views_callbacks(std::vector<const Projection*> late) {
  LateViews::Callbacks callbacks;
  callbacks.built = [this, late = std::move(late), begun = std::chrono::steady_clock::now()] {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    log_ready(late, follower_.applied(), seconds.count());
  };
  callbacks.failed = callbacks_.failed;
  return callbacks;
}

QuerySources Engine::query_sources(std::chrono::milliseconds patience) {
  return {
      .ledger = *ledger_,
      .log = store_->log(),
      .views = *views_,
      .past = past_,
      .head = head_,
      .applied = applied_,
      .hurry = [this] { follower_.hurry(); },
      .late_views = late_views_,
      .key = *key_,
      .readers = readers_,
      .pace = pace_,
      .failed = callbacks_.failed,
      .patience = patience,
  };
}

// ---- while it runs ----------------------------------------------------------------------------------------

void Engine::start() {
  follower_.start();
  pause_building();
  late_views_.start();
}

void Engine::stop() {
  late_views_.stop();
  follower_.stop();
}

void Engine::commit() {
  between_commits_.during([this] { writer_.commit(); });
}

void Engine::look() {
  look_at_disk();
  clock_.look();
  pause_building();
}

void Engine::look_at_disk() {
  reserve_.look();
  between_commits_.run([this] { ledger_->hold_back(reserve_.failure()); });
}

/// Building takes room on the disk, and can wait.
void Engine::pause_building() {
  const bool no_room = !reserve_.obstacle().empty();
  late_views_.pause(no_room);
  rebuild_.pause(no_room);
}

void Engine::end_waits() {
  head_.close();
  applied_.close();
  rebuild_.stop();
}

std::chrono::nanoseconds Engine::appending() const {
  return stand_in_ == nullptr ? std::chrono::nanoseconds(0) : stand_in_->lent_for();
}

Readiness Engine::readiness() const {
  Readiness readiness{.head = head(),
                      .applied = applied(),
                      .max_view_lag = max_view_lag_,
                      .late = {},
                      .no_room = reserve_.obstacle(),
                      .wrong_clock = clock_.obstacle(),
                      .syncing = appending()};
  for (const Projection* projection : all_projections()) {
    const auto late = late_views_.progress(projection->name());
    if (!late) continue;
    readiness.late.push_back({.name = std::string(projection->name()),
                              .gates_commands = projection->gates_commands(),
                              .position = late->at});
  }
  return readiness;
}

}  // namespace stockfold
