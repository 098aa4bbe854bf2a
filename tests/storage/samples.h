// Events that never change, one of each type. Golden files and the golden store are made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/event.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct Sample {
  std::string name;
  RecordedEvent recorded;
};

/// In the order of a possible history, at positions 1, 2, 3 …
std::vector<Sample> samples();

/// The ledger record that a program of another format version could have written.
std::string ledger_record_of_version(std::uint32_t version);

/// A commit of `count` events that follow `expected`.
Commit commit_after(GlobalPosition expected, std::size_t count,
                    UnixMillis time = UnixMillis(1'700'000'000'000));

}  // namespace stockfold
