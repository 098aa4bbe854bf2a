#include "server/commit_loop.h"

#include <algorithm>
#include <chrono>

namespace stockfold {
namespace {

/// HTTP connections that pipeline and have a turn between two commits: however many of them ask without end,
/// others are served.
constexpr int kHttpTurns = 4;
/// How long commands wait at least for what else is ready.
constexpr std::chrono::microseconds kGather{500};
/// And at most, however long the commit before took: a stalled sync is no reason to gather as long.
constexpr std::chrono::milliseconds kLongestGather{100};
/// At most, while nothing is ready.
constexpr std::chrono::milliseconds kLongestPatience{10};

/// How long the next commit gathers what is ready, and how much of that also while nothing is.
struct Gathering {
  std::chrono::steady_clock::duration most = kGather;
  std::chrono::steady_clock::duration patience{0};
};

/// After a commit that took so long. If commands wait already, they make the next commit large enough. But if
/// they came during a slow append, the clients that the commit answered are about to ask again: without
/// patience there would be two groups of clients, and each would wait for the other's syncs.
Gathering gathering_after(std::chrono::steady_clock::duration commit, bool commands_wait) {
  using Duration = std::chrono::steady_clock::duration;
  const Duration share = commit / (commands_wait ? 3 : 1);
  Gathering gathering{.most = std::clamp<Duration>(share, kGather, kLongestGather)};
  if (commands_wait && commit > StandIn::kMoment) {
    gathering.patience = std::min<Duration>(commit / 5, kLongestPatience);
  }
  return gathering;
}

}  // namespace

CommitLoop::CommitLoop(boost::asio::io_context& io)
    : io_(io), turns_(io), stand_in_(io, [this] { turns_.give(kHttpTurns); }) {}

void CommitLoop::run(Engine& engine) {
  using Clock = std::chrono::steady_clock;
  const auto turn = stand_in_.serve();
  Writer& writer = engine.writer();
  Gathering gathering;
  for (;;) {
    turns_.give(kHttpTurns);
    if (!writer.pending() && io_.run_one() == 0) return;
    auto now = Clock::now();
    const auto patient_until = now + gathering.patience;
    for (const auto until = now + gathering.most; now < until; now = Clock::now()) {
      writer.commands_come_at(now);
      if (io_.poll_one() > 0) continue;
      if (now >= patient_until || io_.run_one_until(patient_until) == 0) break;
    }
    if (!writer.pending()) continue;
    const auto begun = Clock::now();
    engine.commit();
    gathering = gathering_after(Clock::now() - begun, writer.pending());
  }
}

}  // namespace stockfold
