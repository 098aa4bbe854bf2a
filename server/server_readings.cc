// What a server says of itself: for the metrics, and for whoever asks whether it is ready.
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "server/server.h"
#include "storage/codec/wall_clock.h"

namespace stockfold {

Readings Server::readings() const {
  const auto& tls = access_files_.tcp_tls();
  Readings now{.version = options_.version,
               .head = engine_->store().log().head(),
               .view_lag_seconds = view_lag_seconds(),
               .most_view_lag = options_.engine.writer.max_view_lag,
               .rebuilds = engine_->rebuild().done(),
               .rebuilding = engine_->rebuild().under_way(),
               .load = engine_->writer().load(),
               .limits = options_.engine.writer,
               .tcp = {.open = sessions_.size(), .most = options_.max_connections},
               .http = {.open = http_sessions_.size(), .most = options_.max_http_connections},
               .connection_memory = connection_memory_.held(),
               .most_connection_memory = connection_memory_.limit(),
               .tokens_unreadable = access_files_.tokens_unreadable(),
               .certificate_expires = tls ? std::optional(tls->expires()) : std::nullopt,
               .disk_reserve = engine_->reserve().bytes(),
               .sync_seconds = std::chrono::duration<double>(engine_->appending()).count(),
               .clock_jump_seconds = std::chrono::duration<double>(engine_->clock().jump()).count(),
               .sample = sampler_->latest()};
  const GlobalPosition applied = engine_->applied();
  for (const Projection* projection : all_projections()) {
    const auto late = engine_->late_views().progress(projection->name());
    now.views.push_back({.name = projection->name(), .position = late ? late->at : applied, .ready = !late});
  }
  return now;
}

/// Times of commits are those of the clock, or later where that was set back.
double Server::view_lag_seconds() const {
  const GlobalPosition applied = engine_->applied();
  if (applied >= engine_->store().log().head().position) return 0;
  const auto commit = engine_->store().log().read(applied.next())->next();
  if (!commit || *commit == nullptr) return 0;
  const std::int64_t age = wall_clock().value() - (*commit)->time.value();
  return static_cast<double>(std::max<std::int64_t>(age, 0)) / 1'000;
}

}  // namespace stockfold
