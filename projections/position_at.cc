#include "projections/position_at.h"

#include <memory>
#include <string>
#include <utility>

namespace stockfold {

Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time, GlobalPosition head) {
  return position_at(log, time, head, GlobalPosition(0));
}

Result<GlobalPosition> position_at(const EventLog& log, UnixMillis time, GlobalPosition head,
                                   GlobalPosition known) {
  GlobalPosition end = known;           // no event up to it is after `time`
  GlobalPosition beyond = head.next();  // the first position of a commit that is after `time`
  while (end.next() < beyond) {
    const GlobalPosition middle(end.value() + (beyond.value() - end.value()) / 2);
    auto commit = log.read(middle)->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) {
      return std::unexpected(
          corruption(middle, "event " + std::to_string(middle.value()) + " is not in the log"));
    }
    if ((*commit)->time <= time) {
      end = (*commit)->last();
    } else {
      beyond = (*commit)->first();
    }
  }
  return end;
}

}  // namespace stockfold
