// Stores to be damaged, as a ledger leaves them (closed, killed, with its log in tables), and the answers of
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/fault.h"
#include "core/signed_head.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// The directory of a store, and the same store at an earlier moment, as a crash would have left it.
struct SampleStore {
  std::string name;
  std::filesystem::path dir;
  std::filesystem::path older;
};

/// Makes four stores below `root`. The same numbers make the same stores, except for what the system draws
/// (ids, keys, creation times). They contain every type of event, refusals, command ids and drafts:
///  - closed: no work is left, the log is in a write-ahead file, and the views are at its head;
///  - killed: the last commits are only in a write-ahead file, and no view has seen them;
///  - tables: most of the log is in tables;
///  - large: about `events` events, its log in several tables and a write-ahead file, the views near its
///    head.
Result<void> make_sample_stores(const std::filesystem::path& root, std::size_t events, std::uint64_t seed);
/// The stores that it makes.
std::vector<SampleStore> sample_stores_in(const std::filesystem::path& root);

/// The answers of an open store, with its views at the head of its log.
struct Answers {
  Head head;
  PublicKey key;
  std::map<std::string, ViewDigest> views;
  friend bool operator==(const Answers&, const Answers&) = default;
};

/// Opens the store as a ledger does, which changes it, and reads all that it holds.
Result<Answers> answers_of(const std::filesystem::path& dir);

/// What is known of a sound store.
struct Original {
  Answers answers;
  std::vector<Commit> commits;
  GlobalPosition witnessed;  ///< The last event that a durable view has seen.
  SignedHead middle;         ///< As an auditor keeps it: from about the middle of the log, and from its end.
  SignedHead end;
};

/// Opening changes the store, so it must be a copy.
Result<Original> read_original(const std::filesystem::path& dir);

}  // namespace stockfold
