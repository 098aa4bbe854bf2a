// The order of a connection's replies, which is that of its requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace stockfold {

/// A queued command is answered when its commit is done. A reply that is ready earlier waits behind the
/// commands that were sent before its request.
class ReplyOrder {
 public:
  /// A command, or a batch of commands, that waits for its answers.
  struct Owed {
    std::uint64_t request = 0;  ///< Its id.
    std::size_t commands = 1;
    bool is_batch = false;
  };
  /// Of a batch, so many commands count as much as one that was sent alone.
  static constexpr std::size_t kBatchedAsOne = 16;

  /// A command was queued.
  void queued(std::uint64_t request) { add({.request = request}); }
  /// A batch of commands was queued: one at least.
  void queued_batch(std::uint64_t request, std::size_t commands) { add({request, commands, true}); }
  /// No command waits for its answer.
  [[nodiscard]] bool empty() const { return commands_.empty(); }
  /// Commands that wait for their answers, and replies that wait behind them.
  [[nodiscard]] std::size_t owed() const { return owed_commands_ + waiting_replies_; }

  /// The oldest that waits for its answers; there is one.
  [[nodiscard]] const Owed& oldest() const { return commands_.front(); }
  /// The oldest is answered. Returns the replies that waited behind it alone, to be sent after the answer.
  [[nodiscard]] std::string answered();

  /// Where to append a reply that is ready: `out`, unless commands before it wait for their answers. Good
  /// until the next call; one reply a call.
  [[nodiscard]] std::string& place_in(std::string& out);

 private:
  struct Waiting {
    std::uint64_t behind;  ///< As many answers of the connection.
    std::size_t replies = 0;
    std::string frames;
  };

  static std::size_t weight_of(const Owed& owed) {
    return owed.is_batch ? (owed.commands + kBatchedAsOne - 1) / kBatchedAsOne : 1;
  }
  void add(const Owed& owed) {
    commands_.push_back(owed);
    owed_commands_ += weight_of(owed);
  }

  std::deque<Owed> commands_;
  std::size_t owed_commands_ = 0;    ///< The weight of them all.
  std::uint64_t answers_ = 0;        ///< That were given.
  std::deque<Waiting> waiting_;      ///< Empty if no command waits.
  std::size_t waiting_replies_ = 0;  ///< In all of them.
};

}  // namespace stockfold
