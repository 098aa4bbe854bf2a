#include "projections/event_reader.h"

#include <string>
#include <utility>

namespace stockfold {

Result<const RecordedEvent*> EventReader::read(GlobalPosition position) {
  const auto holds = [position](const Commit& commit) {
    return commit.first() <= position && position <= commit.last();
  };
  if (commit_ == nullptr || !holds(*commit_)) {
    auto commit = log_.read(position)->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr || !holds(**commit)) {
      return std::unexpected(corruption(
          position, "a view names event " + std::to_string(position.value()) + ", which is not in the log"));
    }
    commit_ = std::move(*commit);
  }
  return &commit_->events[position.value() - commit_->first().value()];
}

}  // namespace stockfold
