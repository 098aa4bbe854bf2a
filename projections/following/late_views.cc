#include "projections/following/late_views.h"

#include <algorithm>
#include <utility>

#include "projections/following/catch_up.h"

namespace stockfold {

LateViews::LateViews(const EventLog& log, ViewStore& views, Follower& follower,
                     std::vector<const Projection*> projections, Options options, Callbacks callbacks)
    : log_(log),
      views_(views),
      follower_(follower),
      projections_(std::move(projections)),
      options_(options),
      callbacks_(std::move(callbacks)),
      ready_(projections_.empty()) {}

void LateViews::start() {
  if (!projections_.empty()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LateViews::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::optional<LateViews::Progress> LateViews::progress(std::string_view view) const {
  if (ready_.load(std::memory_order_acquire)) return std::nullopt;
  if (std::ranges::find(projections_, view, &Projection::name) == projections_.end()) return std::nullopt;
  return Progress{GlobalPosition(at_), log_.head().position};
}

void LateViews::run(const std::stop_token& stop) {
  const auto built = build(stop);
  if (stop.stop_requested()) return;
  if (!built) return callbacks_.failed(built.error());
  ready_.store(true, std::memory_order_release);
  callbacks_.built();
}

Result<void> LateViews::build(const std::stop_token& stop) {
  auto started = CatchUp::start(log_, views_, projections_);
  if (!started) return std::unexpected(std::move(started.error()));
  GlobalPosition flushed = started->position();
  for (;;) {
    const GlobalPosition at = started->position();
    at_ = at.value();
    pause_.wait(stop);
    if (stop.stop_requested()) return {};
    if (log_.head().position.value() - at.value() <= options_.near_events) break;
    if (at.value() - flushed.value() >= options_.flush_every_events) {
      flushed = at;
      if (auto begun = views_.begin_flush(); !begun) return begun;
    }
    auto folded = started->step(options_.events_a_batch);
    if (!folded) return std::unexpected(std::move(folded.error()));
  }
  if (auto durable = views_.flush(); !durable) return durable;
  return follower_.between_batches(
      [&](CatchUp& following) { return following.join(std::move(*started), options_.events_a_batch); });
}

}  // namespace stockfold
