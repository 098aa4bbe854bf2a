// A store in memory: for tests that make an engine, and change what is below it.
#pragma once

#include <filesystem>
#include <optional>

#include "core/fault.h"
#include "storage/engine/store.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

class NoFiles final : public StoreFiles {
 public:
  [[nodiscard]] StoreFigures figures() const override { return {}; }
  [[nodiscard]] Result<void> checkpoint(const std::filesystem::path& dir) const override {
    return std::unexpected(Fault{FaultKind::io, dir.string() + ": a store in memory has no checkpoints", {}});
  }
};

/// A log and views of the test's own, which must outlive it. Several stores may have the same ones.
class MemoryStore final : public Store {
 public:
  MemoryStore(EventLog& log, ViewStore& views) : log_(log), views_(views) {}

  [[nodiscard]] EventLog& log() override { return log_; }
  [[nodiscard]] ViewStore& views() override { return views_; }
  [[nodiscard]] const StoreFiles& files() const override { return files_; }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const override { return torn_tail_; }

 private:
  EventLog& log_;
  ViewStore& views_;
  const NoFiles files_;
  const std::optional<TornTail> torn_tail_;
};

}  // namespace stockfold
