// The serving thread: it runs the handlers of the sockets, and makes commits of the commands that wait.
#pragma once

#include <boost/asio/io_context.hpp>

#include "server/engine/engine.h"
#include "server/engine/stand_in.h"
#include "server/http/turns.h"

namespace stockfold {

class CommitLoop {
 public:
  /// `io` must outlive it.
  explicit CommitLoop(boost::asio::io_context& io);

  /// Serves the sockets of the same `io` while an engine appends: see EngineOptions.
  [[nodiscard]] StandIn& stand_in() { return stand_in_; }
  /// The turns of HTTP connections that pipeline. A few have one between two commits.
  [[nodiscard]] HttpTurns& turns() { return turns_; }

  /// Runs until `io` has nothing left to wait for. What is ready is read first, so that one commit takes all
  /// of it; what arrives during the sync is the next one's. Reading takes no longer than the commit before
  /// took: otherwise clients that never stop asking would keep the next commit from beginning.
  void run(Engine& engine);

 private:
  boost::asio::io_context& io_;
  HttpTurns turns_;
  StandIn stand_in_;
};

}  // namespace stockfold
