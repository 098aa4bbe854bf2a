// What a restore does to a ledger.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {

/// Begins another life of the ledger in `data`, which is not being served: the same log, in the next epoch.
inline void begin_another_life(const std::filesystem::path& data) {
  const std::filesystem::path before = data.string() + ".before";
  std::filesystem::rename(data, before);
  const auto store = rocksdb_engine().open_read_only(before);
  ASSERT_TRUE(store.has_value()) << store.error().what;
  const EventLog& log = (*store)->log();
  const Head head = log.head();
  const auto restored = rocksdb_engine().make(data, {head.ledger, head.epoch.next(), UnixMillis(0)}, {});
  ASSERT_TRUE(restored.has_value()) << restored.error().what;
  const auto cursor = log.read(GlobalPosition(1));
  for (auto commit = cursor->next(); *commit != nullptr; commit = cursor->next()) {
    ASSERT_TRUE((*restored)->add(**commit).has_value());
  }
  ASSERT_TRUE((*restored)->finish().has_value());
}

}  // namespace stockfold
