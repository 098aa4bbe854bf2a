#include "tools/batches/batch_sender.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "protocol/frame.h"

namespace stockfold {
namespace {

constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{1'000};
/// Of a batch, beside its commands.
constexpr std::size_t kEnvelopeBytes = 64;

std::size_t bytes_of(const Command& command) {
  std::string frame;
  encode_request({0, CommandRequest{command}}, frame);
  return frame.size();
}

bool is_overloaded(const Answer& answer) {
  const auto* failure = std::get_if<Failure>(&answer.outcome);
  return failure != nullptr && failure->code == ErrorCode::overloaded;
}

}  // namespace

BatchSender::BatchSender(Client& client, const BatchSenderOptions& options, Outcome outcome)
    : client_(client), options_(options), outcome_(std::move(outcome)) {}

ClientResult<void> BatchSender::add(FiledCommand command) {
  const std::size_t bytes = bytes_of(command.command);
  const std::size_t lines = lines_in(command.command.body);
  const bool fits = filling_.size() < kMaxBatchCommands && lines_ + lines <= kMaxBatchLines &&
                    bytes_ + bytes + kEnvelopeBytes <= kMaxFrameBytes;
  if (!fits && options_.atomic) {
    return std::unexpected(ClientError{ClientErrorKind::rejected,
                                       "the file has more commands than can be done as a whole: at most " +
                                           std::to_string(kMaxBatchCommands) + " commands, " +
                                           std::to_string(kMaxBatchLines) + " lines of orders and " +
                                           std::to_string(kMaxFrameBytes) + " bytes",
                                       ErrorCode::invalid_argument});
  }
  if (!fits) {
    auto sent = send_filled();
    if (!sent) return sent;
  }
  bytes_ += bytes;
  lines_ += lines;
  filling_.push_back(std::move(command));
  return {};
}

ClientResult<void> BatchSender::finish() {
  auto done = filling_.empty() ? ClientResult<void>() : send_filled();
  while (done && !sent_.empty()) done = settle_oldest();
  return done;
}

BatchSender::Answers BatchSender::send(const Commands& commands) const {
  std::vector<Command> batch;
  batch.reserve(commands.size());
  for (const FiledCommand& command : commands) batch.push_back(command.command);
  return client_.submit_batch(std::move(batch), options_.atomic);
}

ClientResult<void> BatchSender::send_filled() {
  Commands commands = std::exchange(filling_, {});
  bytes_ = lines_ = 0;
  Answers answers = send(commands);
  sent_.push_back({std::move(commands), std::move(answers)});
  while (sent_.size() >= options_.ahead) {
    if (auto settled = settle_oldest(); !settled) return settled;
  }
  return {};
}

ClientResult<void> BatchSender::settle_oldest() {
  auto [commands, answers] = std::move(sent_.front());
  sent_.pop_front();
  std::chrono::milliseconds pause = kFirstPause;
  for (;;) {
    auto settled = answers.get();
    if (settled) {
      commands = settle(std::move(commands), *settled);
      if (commands.empty()) return {};
    } else if (settled.error().code != ErrorCode::overloaded) {
      return std::unexpected(std::move(settled.error()));
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
    answers = send(commands);
  }
}

BatchSender::Commands BatchSender::settle(Commands commands, const std::vector<Answer>& answers) {
  Commands again;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (is_overloaded(answers[i])) {
      again.push_back(std::move(commands[i]));
    } else {
      outcome_(commands[i], answers[i]);
    }
  }
  return again;
}

}  // namespace stockfold
