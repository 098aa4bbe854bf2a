// Sends commands in batches, some of them ahead of their answers.
#pragma once

#include <stockfold/client.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "tools/batches/command_file.h"

namespace stockfold {

struct BatchSenderOptions {
  bool atomic = false;    ///< All commands are one batch, of which all or none is done.
  std::size_t ahead = 4;  ///< Batches that are sent before the oldest of them is answered: at least 1.
};

/// A batch that the ledger is too busy for is sent again until it has room. So are the commands of a batch
/// that do not fit into it. One thread.
class BatchSender {
 public:
  /// Called once for each command, in their order, unless commands are sent again.
  using Outcome = std::function<void(const FiledCommand& command, const Answer& answer)>;

  /// The client must outlive it.
  BatchSender(Client& client, const BatchSenderOptions& options, Outcome outcome);

  /// Sends commands once they fill a batch. An error ends the sending: commands without an outcome may have
  /// been done. It is invalid_argument if all commands are to be one batch and do not fit into it.
  ClientResult<void> add(FiledCommand command);
  /// Sends the rest and waits for all answers.
  ClientResult<void> finish();

 private:
  using Commands = std::vector<FiledCommand>;
  using Answers = std::future<ClientResult<std::vector<Answer>>>;
  struct Sent {
    Commands commands;
    Answers answers;
  };

  [[nodiscard]] Answers send(const Commands& commands) const;
  ClientResult<void> send_filled();
  /// Waits for the answers of the oldest batch.
  ClientResult<void> settle_oldest();
  /// Gives the outcomes of a batch. The commands that were too much for it are returned.
  Commands settle(Commands commands, const std::vector<Answer>& answers);

  Client& client_;
  BatchSenderOptions options_;
  Outcome outcome_;
  Commands filling_;
  std::size_t bytes_ = 0;  ///< Of the commands in `filling_`.
  std::size_t lines_ = 0;  ///< The same.
  std::deque<Sent> sent_;
};

}  // namespace stockfold
