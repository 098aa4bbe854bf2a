#include "server/engine/online_checkpoint.h"

#include <boost/asio/co_spawn.hpp>
#include <cassert>
#include <system_error>
#include <utility>

#include "net/awaiting.h"
#include "storage/files/durable_directory.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

OnlineCheckpoint::OnlineCheckpoint(const StoreFiles& store, const std::filesystem::path& data,
                                   asio::thread_pool& readers)
    : store_(store), parent_(std::filesystem::absolute(data) / "checkpoints"), readers_(readers) {}

Result<void> OnlineCheckpoint::clear() const {
  std::error_code error;
  std::filesystem::remove_all(parent_, error);
  if (error) return std::unexpected(io_fault("removing", parent_, error));
  return {};
}

awaitable<Result<std::filesystem::path>> OnlineCheckpoint::make() {
  assert(!held_);
  held_ = true;
  auto made = co_await asio::co_spawn(
      readers_, [this]() -> awaitable<Result<std::filesystem::path>> { co_return make_now(); },
      not_cancelled());
  if (!made) {
    co_await drop();
  }
  co_return made;
}

Result<std::filesystem::path> OnlineCheckpoint::make_now() {
  if (auto made = make_directory(parent_); !made) return std::unexpected(std::move(made.error()));
  auto directory = ScratchDirectory::make(parent_);
  if (!directory) return std::unexpected(std::move(directory.error()));
  directory_.emplace(std::move(*directory));
  std::filesystem::path place = directory_->path() / "store";
  if (auto made = store_.checkpoint(place); !made) return std::unexpected(std::move(made.error()));
  return place;
}

awaitable<void> OnlineCheckpoint::drop() {
  co_await asio::co_spawn(
      readers_,
      [this]() -> awaitable<void> {
        directory_.reset();
        co_return;
      },
      not_cancelled());
  held_ = false;
}

}  // namespace stockfold
