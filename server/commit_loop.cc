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

}  // namespace

CommitLoop::CommitLoop(boost::asio::io_context& io)
    : io_(io), turns_(io), stand_in_(io, [this] { turns_.give(kHttpTurns); }) {}

void CommitLoop::run(Engine& engine) {
  using Clock = std::chrono::steady_clock;
  const auto turn = stand_in_.serve();
  Writer& writer = engine.writer();
  Clock::duration gathering = kGather;
  for (;;) {
    turns_.give(kHttpTurns);
    if (!writer.pending() && io_.run_one() == 0) return;
    auto now = Clock::now();
    for (const auto until = now + gathering; now < until; now = Clock::now()) {
      writer.commands_come_at(now);
      if (io_.poll_one() == 0) break;
    }
    if (!writer.pending()) continue;
    const auto begun = Clock::now();
    engine.commit();
    const int share = writer.pending() ? 3 : 1;  // what waits anyway makes the next commit large enough
    gathering = std::clamp<Clock::duration>((Clock::now() - begun) / share, kGather, kLongestGather);
  }
}

}  // namespace stockfold
