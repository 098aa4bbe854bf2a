// A connection, as the writer sees it: commands come from it and their answers go back to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/answer.h"
#include "server/ledger/commit_queue.h"

namespace stockfold {

/// Submits commands and gets their answers. Shared, so that it is there when they come.
class CommandSource : public std::enable_shared_from_this<CommandSource> {
 public:
  virtual ~CommandSource() = default;
  /// The answers to the oldest commands it submitted that have none yet, in their order. Those of a batch
  /// come in one call.
  virtual void answered(std::span<const Answer> answers) = 0;
  /// All answers of one commit have been given.
  virtual void flush() = 0;

  [[nodiscard]] ClientId id() const { return id_; }

 protected:
  CommandSource() = default;

 private:
  static ClientId next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ClientId(last.fetch_add(1, std::memory_order_relaxed) + 1);
  }

  const ClientId id_ = next_id();
};

}  // namespace stockfold
