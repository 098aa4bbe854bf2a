// The server's engine on a store in memory, without its threads: tests decide what happens next.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "core/fault.h"
#include "core/numbers.h"
#include "server/engine/engine.h"
#include "storage/files/head_key.h"
#include "support/memory_directory.h"
#include "support/memory_store.h"

namespace stockfold {

/// What takes long to make and does not change: all engines in memory have it.
struct SharedByMemoryEngines {
  MemoryDirectory directory;
  std::shared_ptr<const HeadKey> key =
      std::make_shared<const HeadKey>(HeadKey::open_or_make(directory.path()).value());
};

/// Commits are dated by `now`, however it jumps, and the disk never fills up.
inline EngineOptions memory_engine_options(const std::function<UnixMillis()>& now) {
  EngineOptions options;
  options.disk_space = [] { return std::nullopt; };
  options.clock.max_jump = {};
  options.clocks = Clocks{.wall = now, .running = [now] { return std::chrono::milliseconds(now().value()); }};
  options.reads_rest = false;
  return options;
}

inline Result<std::unique_ptr<Engine>> make_memory_engine(const boost::asio::any_io_executor& network,
                                                          EventLog& log, ViewStore& views,
                                                          EngineOptions options,
                                                          std::function<void(const Fault&)> failed) {
  static const SharedByMemoryEngines shared;
  options.key = shared.key;
  EngineCallbacks callbacks;
  callbacks.failed = std::move(failed);
  return Engine::make(network, std::make_unique<MemoryStore>(log, views), shared.directory.path(), options,
                      std::move(callbacks));
}

}  // namespace stockfold
