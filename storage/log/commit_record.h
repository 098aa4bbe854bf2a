// A commit as one record: header, events, checksum. The format is docs/DATA_FORMAT.md, "Commits".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/log/event_log.h"

namespace stockfold {

/// What stands before the first commit in the chain: the SHA-256 over the ledger's id.
CommitHash genesis_hash(const LedgerId& ledger);

/// Encodes `commit`, whose epoch and previous hash are set, and sets its hash.
std::string encode_commit(Commit& commit);

/// The inverse. Faults name `expected_first`, the position under which the record was found; checked are
/// sizes, both checksums, the position, the count, and that nothing is left over. The chain is the reader's
/// to check.
Result<Commit> decode_commit(std::string_view record, GlobalPosition expected_first);

/// What every commit starts with.
inline constexpr std::string_view kCommitMagic = "SFc1";

/// What a commit's header alone tells of it.
struct CommitSighting {
  Epoch epoch;
  GlobalPosition first;
  std::size_t record_size = 0;
};
/// Whether a whole, undamaged commit header starts at the front of `bytes`: how a commit that no index leads
/// to any more is still found, and proves that what is missing before it was lost, not torn.
std::optional<CommitSighting> sight_commit(std::string_view bytes);

}  // namespace stockfold
