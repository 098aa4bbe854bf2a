// Changes files in a directory of backups, lists it, and opens the log of each, as for an audit or a restore.
// backups/ holds two backups that share tables.
#include <filesystem>
#include <map>
#include <string>

#include "fuzz/changed_files.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "storage/engine/backups.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

/// Position of the first event of a commit -> its hash.
using Hashes = std::map<GlobalPosition, CommitHash>;

Hashes hashes_of(const EventLog& log) {
  Hashes hashes;
  const auto commits = log.read(GlobalPosition(1));
  for (;;) {
    const auto commit = commits->next();
    require(commit.has_value(), "a log whose files are whole can be read");
    if (*commit == nullptr) return hashes;
    hashes.emplace((*commit)->first(), (*commit)->hash);
  }
}

std::map<BackupNumber, Hashes> hashes_of(const std::filesystem::path& dir) {
  std::map<BackupNumber, Hashes> all;
  const auto backups = rocksdb_engine().open_backups_read_only(dir);
  if (!backups) {
    require(!backups.error().what.empty(), "a fault says what is wrong");
    return all;
  }
  for (const ListedBackup& listed : (*backups)->list()) {
    if (!listed.backup) {
      require(listed.backup.error().what.find(std::to_string(listed.number)) != std::string::npos,
              "a backup that is damaged is named");
      continue;
    }
    const auto log = (*backups)->open(listed.number);
    if (!log) {
      require(!log.error().what.empty(), "a fault says what is wrong");
      continue;
    }
    require((*log)->head() == listed.backup->record.head, "a log ends where its record says");
    require(all.emplace(listed.number, hashes_of(**log)).second, "no backup is listed twice");
  }
  return all;
}

struct BackupSample {
  ChangedFiles files{std::filesystem::path(STOCKFOLD_FUZZ_DIR) / "backups"};
  std::map<BackupNumber, Hashes> original = hashes_of(files.path());
};

void hold(const BackupSample& sample) {
  for (const auto& [number, hashes] : hashes_of(sample.files.path())) {
    const auto original = sample.original.find(number);
    require(original != sample.original.end() && original->second == hashes,
            "a backup that opens holds the log that it was made of");
  }
}

}  // namespace

int fuzz_backup(const std::uint8_t* data, std::size_t size) {
  static BackupSample sample;
  require(sample.original.size() == 2, "unchanged backups open");
  FuzzInput input(data, size);
  sample.files.hold_changed(
      input, [](const std::string& /*file*/, std::string& /*bytes*/) {}, [] { hold(sample); });
  return 0;
}

}  // namespace stockfold
