#include "server/tcp/reply_order.h"

#include <utility>

namespace stockfold {

std::string ReplyOrder::answered() {
  owed_commands_ -= weight_of(commands_.front());
  commands_.pop_front();
  ++answers_;
  if (waiting_.empty() || waiting_.front().behind != answers_) return {};
  std::string frames = std::move(waiting_.front().frames);
  waiting_replies_ -= waiting_.front().replies;
  waiting_.pop_front();
  return frames;
}

std::string& ReplyOrder::place_in(std::string& out) {
  if (commands_.empty()) return out;
  const std::uint64_t behind = answers_ + commands_.size();
  if (waiting_.empty() || waiting_.back().behind != behind) {
    waiting_.push_back({.behind = behind, .frames = {}});
  }
  ++waiting_.back().replies;
  ++waiting_replies_;
  return waiting_.back().frames;
}

}  // namespace stockfold
