#include "server/readings.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "projections/views.h"
#include "storage/codec/wall_clock.h"

namespace stockfold {
namespace {

/// Commits are dated by the clock, or later where it was set back.
double view_lag_seconds(const Engine& engine) {
  const EventLog& log = engine.log();
  const GlobalPosition applied = engine.applied();
  if (applied >= log.head().position) return 0;
  const auto commit = log.read(applied.next())->next();
  if (!commit || *commit == nullptr) return 0;
  const std::int64_t age = wall_clock().value() - (*commit)->time.value();
  return static_cast<double>(std::max<std::int64_t>(age, 0)) / 1'000;
}

}  // namespace

Readings readings_of(const Engine& engine, const EngineOptions& options) {
  Readings now;
  now.head = engine.log().head();
  now.view_lag_seconds = view_lag_seconds(engine);
  now.most_view_lag = options.writer.max_view_lag;
  now.rebuilds = engine.rebuild().done();
  now.rebuilding = engine.rebuild().under_way();
  now.load = engine.writer().load();
  now.limits = options.writer;
  now.disk_reserve = engine.reserve().bytes();
  now.sync_seconds = std::chrono::duration<double>(engine.appending()).count();
  now.clock_jump_seconds = std::chrono::duration<double>(engine.clock().jump()).count();
  const GlobalPosition applied = engine.applied();
  for (const Projection* projection : all_projections()) {
    const auto late = engine.late_views().progress(projection->name());
    now.views.push_back({.name = projection->name(), .position = late ? late->at : applied, .ready = !late});
  }
  return now;
}

}  // namespace stockfold
