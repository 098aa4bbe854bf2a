// What a server says of itself: for the metrics, and for whoever asks whether it is ready.
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "server/server.h"

namespace stockfold {

Readings Server::readings() const {
  const auto& tls = access_files_.tcp_tls();
  Readings now{.version = options_.version,
               .head = store_->log().head(),
               .view_lag_seconds = view_lag_seconds(),
               .most_view_lag = options_.writer.max_view_lag,
               .rebuilds = rebuild_->done(),
               .rebuilding = rebuild_->under_way(),
               .load = writer_->load(),
               .limits = options_.writer,
               .tcp = {.open = sessions_.size(), .most = options_.max_connections},
               .http = {.open = http_sessions_.size(), .most = options_.max_http_connections},
               .connection_memory = connection_memory_.held(),
               .most_connection_memory = connection_memory_.limit(),
               .tokens_unreadable = access_files_.tokens_unreadable(),
               .certificate_expires = tls ? std::optional(tls->expires()) : std::nullopt,
               .disk_reserve = reserve_.bytes(),
               .clock_jump_seconds = std::chrono::duration<double>(clock_.jump()).count(),
               .sample = sampler_.latest()};
  const GlobalPosition applied = applied_.position();
  for (const Projection* projection : all_projections()) {
    const auto late = late_views_->progress(projection->name());
    now.views.push_back({.name = projection->name(), .position = late ? late->at : applied, .ready = !late});
  }
  return now;
}

/// Times of commits are those of the clock, or later where that was set back.
double Server::view_lag_seconds() const {
  const GlobalPosition applied = applied_.position();
  if (applied >= store_->log().head().position) return 0;
  const auto commit = store_->log().read(applied.next())->next();
  if (!commit || *commit == nullptr) return 0;
  const auto today = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(today).count();
  return static_cast<double>(std::max<std::int64_t>(milliseconds - (*commit)->time.value(), 0)) / 1'000;
}

Readiness Server::readiness() const {
  Readiness readiness{.head = head_.position(),
                      .applied = applied_.position(),
                      .max_view_lag = options_.writer.max_view_lag,
                      .late = {},
                      .no_room = reserve_.obstacle(),
                      .wrong_clock = clock_.obstacle()};
  for (const Projection* projection : all_projections()) {
    const auto late = late_views_->progress(projection->name());
    if (!late) continue;
    readiness.late.push_back({.name = std::string(projection->name()),
                              .gates_commands = projection->gates_commands(),
                              .position = late->at});
  }
  return readiness;
}

}  // namespace stockfold
