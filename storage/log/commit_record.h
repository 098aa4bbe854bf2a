// A commit as one record: header, events, checksum. The format is docs/DATA_FORMAT.md, "Commits".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/log/event_log.h"

namespace stockfold {

/// The hash before the first commit of the chain: the SHA-256 of the ledger's id.
CommitHash genesis_hash(const LedgerId& ledger);

/// Encodes `commit`, whose epoch and previous hash are set, and sets its hash.
std::string encode_commit(Commit& commit);

/// The inverse. Checks the sizes, both checksums, the position, the count, and that no bytes are left over.
/// Faults name `expected_first`, the position under which the record was found. Does not check the chain.
Result<Commit> decode_commit(std::string_view record, GlobalPosition expected_first);

/// The first bytes of every commit.
inline constexpr std::string_view kCommitMagic = "SFc1";

/// What the header of a commit contains.
struct CommitSighting {
  Epoch epoch;
  GlobalPosition first;
  std::size_t record_size = 0;
};
/// Reads the commit header at the front of `bytes`; empty if no undamaged one is there. Finds a commit that
/// no index leads to any more: it proves that what is missing before it was lost, not torn.
std::optional<CommitSighting> sight_commit(std::string_view bytes);

}  // namespace stockfold
