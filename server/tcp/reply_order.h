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
  /// A command was queued.
  void queued(std::uint64_t request) { commands_.push_back(request); }
  /// No command waits for its answer.
  [[nodiscard]] bool empty() const { return commands_.empty(); }
  /// Commands that wait for their answers, and replies that wait behind them.
  [[nodiscard]] std::size_t owed() const { return commands_.size() + waiting_replies_; }

  /// The request id of the oldest command that waits for its answer; there is one.
  [[nodiscard]] std::uint64_t oldest() const { return commands_.front(); }
  /// The oldest command is answered. Returns the replies that waited behind it alone, to be sent after the
  /// answer.
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

  std::deque<std::uint64_t> commands_;  ///< Request ids of those that wait for their answers.
  std::uint64_t answers_ = 0;           ///< That were given.
  std::deque<Waiting> waiting_;         ///< Empty if no command waits.
  std::size_t waiting_replies_ = 0;     ///< In all of them.
};

}  // namespace stockfold
