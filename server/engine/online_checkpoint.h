// A copy of the store as it is, for a client that reads it while the ledger goes on.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>

#include "core/fault.h"
#include "storage/engine/store.h"
#include "storage/files/scratch_directory.h"

namespace stockfold {

/// One at a time, in a directory of its own below `checkpoints` in the data directory. Only the network
/// thread may call the members.
class OnlineCheckpoint {
 public:
  /// Files are made and removed on `readers`.
  OnlineCheckpoint(const StoreFiles& store, const std::filesystem::path& data,
                   boost::asio::thread_pool& readers);

  /// Removes what a killed ledger left behind.
  [[nodiscard]] Result<void> clear() const;

  [[nodiscard]] bool held() const { return held_; }
  /// Makes a checkpoint, and returns its absolute path. Only while none is held.
  boost::asio::awaitable<Result<std::filesystem::path>> make();
  /// Removes what make() made.
  boost::asio::awaitable<void> drop();

 private:
  Result<std::filesystem::path> make_now();

  const StoreFiles& store_;
  const std::filesystem::path parent_;
  boost::asio::thread_pool& readers_;
  bool held_ = false;
  std::optional<ScratchDirectory> directory_;
};

}  // namespace stockfold
