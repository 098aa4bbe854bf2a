#include "server/engine/online_rebuild.h"

#include <boost/asio/post.hpp>
#include <cassert>
#include <chrono>
#include <future>
#include <utility>

#include "net/awaiting.h"

namespace stockfold {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kProgressEvery{1};

}  // namespace

OnlineRebuild::OnlineRebuild(const asio::any_io_executor& network, const EventLog& log, ViewStore& views,
                             Follower& follower, BetweenCommits& between_commits,
                             std::function<Result<void>()> forget)
    : network_(network),
      log_(log),
      views_(views),
      follower_(follower),
      between_commits_(between_commits),
      forget_(std::move(forget)),
      changed_(network) {}

asio::awaitable<OnlineRebuild::Outcome> OnlineRebuild::run(const Projection& projection,
                                                           RebuildProgress progress) {
  assert(!under_way_);
  under_way_ = true;
  at_ = 0;
  head_ = log_.head().position.value();
  thread_ = std::jthread([this, &projection, stop = stop_.get_token()] { rebuild(projection, stop); });
  while (!outcome_) {
    changed_.expires_after(kProgressEvery);
    co_await changed_.async_wait(kAsTuple);
    if (!outcome_) progress(GlobalPosition(at_), GlobalPosition(head_));
  }
  thread_.join();
  under_way_ = false;
  Outcome outcome = *std::exchange(outcome_, std::nullopt);
  if (outcome && *outcome) ++done_[static_cast<std::size_t>((**outcome).finding) - 1];
  co_return outcome;
}

void OnlineRebuild::stop() { stop_.request_stop(); }

void OnlineRebuild::rebuild(const Projection& projection, const std::stop_token& stop) {
  LiveRebuildOptions options;
  options.progress = [this, &stop](GlobalPosition at, GlobalPosition head) {
    at_ = at.value();
    head_ = head.value();
    pause_.wait(stop);
  };
  options.between_commits = [this](const ReplaceView& replace_view) { return place(replace_view); };
  Outcome outcome = rebuild_live(log_, views_, follower_, projection, options, stop);
  asio::post(network_, [this, outcome = std::move(outcome)]() mutable {
    outcome_ = std::move(outcome);
    changed_.cancel();
  });
}

/// Runs between two commits. Commands that come meanwhile wait in their sockets.
Result<void> OnlineRebuild::place(const ReplaceView& replace_view) {
  std::promise<Result<void>> done;
  const auto replace_the_view = [&] {
    auto placed = replace_view();
    if (placed) placed = forget_();
    done.set_value(placed);
  };
  asio::post(network_, [&] { between_commits_.run(replace_the_view); });
  return done.get_future().get();
}

}  // namespace stockfold
