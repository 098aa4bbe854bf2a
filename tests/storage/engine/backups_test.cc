// Backups of a store that is not being served: what they hold, what they share, and which damage is found.
#include "storage/engine/backups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "storage/engine/small_store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StoredBackupTest : public testing::Test {
 protected:
  /// Opens the store, which moves older commits into a table, appends and closes it.
  static void append(const fs::path& data, int commits, std::size_t events = 2) {
    const auto store = rocksdb_engine().open(data, small()).value();
    for (; commits > 0; --commits) {
      const GlobalPosition end = store->log().head().position;
      ASSERT_TRUE(std::holds_alternative<Appended>(store->log().append(end, commit_after(end, events))));
    }
  }

  /// Appends at least this many megabytes of incompressible commits, in tables.
  void append_megabytes(std::size_t megabytes) {
    std::mt19937_64 random(7);
    StoreOptions options = small();
    options.log_buffer_bytes = 64U << 20;
    const auto store = rocksdb_engine().open(data_, options).value();
    for (std::size_t bytes = 0; bytes < megabytes << 20;) {
      const GlobalPosition end = store->log().head().position;
      Commit commit = commit_after(end, 4'000);
      for (RecordedEvent& event : commit.events) {
        event.actor.clear();
        for (int word = 0; word < 6; ++word) event.actor += std::to_string(random());
        event.actor.resize(100);
        bytes += event.actor.size();
      }
      ASSERT_TRUE(std::holds_alternative<Appended>(store->log().append(end, std::move(commit))));
    }
  }

  /// The new backup; a fault if none was made. Verified as far as storage can.
  static Result<Backup> back_up(const fs::path& data, const fs::path& to,
                                std::uint64_t* new_bytes = nullptr) {
    const auto store = rocksdb_engine().open_read_only(data).value();
    const auto backups = rocksdb_engine().open_backups(to);
    if (!backups) return std::unexpected(backups.error());
    const auto made = (*backups)->add(*store, data, [](std::uint64_t) { return true; });
    if (!made) return std::unexpected(made.error());
    if (const auto log = (*backups)->open((*made)->backup().number); !log)
      return std::unexpected(log.error());
    if (auto kept = (*made)->keep(); !kept) return std::unexpected(kept.error());
    if (new_bytes != nullptr) *new_bytes = (*made)->new_bytes();
    return (*made)->backup();
  }
  Result<Backup> back_up() { return back_up(data_, to_); }

  static std::vector<BackupNumber> numbers_in(const fs::path& dir) {
    std::vector<BackupNumber> numbers;
    for (const ListedBackup& listed : rocksdb_engine().open_backups_read_only(dir).value()->list()) {
      EXPECT_TRUE(listed.backup) << listed.backup.error().what;
      numbers.push_back(listed.number);
    }
    return numbers;
  }

  static Head head_of(const fs::path& data) {
    return rocksdb_engine().open_read_only(data).value()->log().head();
  }

  /// Restores a backup, and returns where its log ends.
  Head restore(BackupNumber number, const fs::path& dir) const {
    const auto store =
        rocksdb_engine().open_backups_read_only(to_).value()->restore(number, dir, small(), Epoch(2)).value();
    const Head head = store->log().head();
    EXPECT_TRUE(store->finish());
    return head;
  }

  MemoryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
  fs::path to_ = directory_.path() / "backups";
};

TEST_F(StoredBackupTest, HoldsLogAsOfItsHead) {
  append(data_, 2);
  const Head head = head_of(data_);
  const Backup backup = back_up().value();
  append(data_, 1);

  EXPECT_EQ(backup.number, 1U);
  EXPECT_EQ(backup.record.head, head);
  const auto backups = rocksdb_engine().open_backups_read_only(to_).value();
  const auto log = backups->open(1).value();
  EXPECT_EQ(log->head(), head);
  const auto cursor = log->read(GlobalPosition(1));
  EXPECT_EQ(cursor->next().value()->events.size(), 2U);
  EXPECT_EQ(cursor->next().value()->hash, head.hash);
  EXPECT_EQ(cursor->next().value(), nullptr);
}

TEST_F(StoredBackupTest, AcceptsEmptyLog) {
  append(data_, 0);
  ASSERT_TRUE(back_up());
  append(data_, 1);
  ASSERT_TRUE(back_up());
  EXPECT_THAT(numbers_in(to_), ElementsAre(1, 2));
}

TEST_F(StoredBackupTest, EndsBeforeTornTail) {
  append(data_, 2);
  const Head head = head_of(data_);
  append(data_, 1);
  for (const auto& entry : fs::directory_iterator(data_ / "log")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0)
      fs::resize_file(entry.path(), entry.file_size() - 5);
  }
  EXPECT_EQ(back_up().value().record.head, head);
  EXPECT_EQ(restore(1, directory_.path() / "copy").hash, head.hash);
}

TEST_F(StoredBackupTest, SharesTablesWithEarlierBackups) {
  append(data_, 10, 400);
  append(data_, 1);  // now those are in a table
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  ASSERT_TRUE(back_up(data_, to_, &first));
  append(data_, 1);
  const Backup backup = back_up(data_, to_, &second).value();
  EXPECT_GT(backup.bytes, first);
  EXPECT_LT(second, first / 2);
}

TEST_F(StoredBackupTest, ChangesNothingInTheStore) {
  append(data_, 3);
  const auto files = [this] {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(data_)) {
      if (entry.is_regular_file()) all[entry.path()] = read_bytes(entry.path());
    }
    return all;
  };
  const auto before = files();
  ASSERT_TRUE(back_up());
  EXPECT_TRUE(files() == before);
}

TEST_F(StoredBackupTest, AcceptsEveryFormOfItsPath) {
  append(data_, 1);
  const fs::path relative = fs::relative(to_);
  ASSERT_TRUE(back_up(fs::relative(data_), relative));
  ASSERT_TRUE(back_up(data_, to_ / ""));
  EXPECT_THAT(numbers_in(relative / "."), ElementsAre(1, 2));
  EXPECT_TRUE(rocksdb_engine().open_backups_read_only(relative).value()->open(2));
  write_bytes(to_ / "meta" / "2", "damaged");
  EXPECT_FALSE(rocksdb_engine().open_backups_read_only(relative / "").value()->open(2));
  EXPECT_TRUE(rocksdb_engine().open_backups_read_only(relative / "").value()->open(1));
}

TEST_F(StoredBackupTest, LeavesNothingWhenNotKept) {
  append(data_, 3);
  {
    const auto store = rocksdb_engine().open_read_only(data_).value();
    const auto backups = rocksdb_engine().open_backups(to_).value();
    ASSERT_TRUE(backups->add(*store, data_, [](std::uint64_t) { return true; }));
    EXPECT_THAT(backups->list(), IsEmpty());
  }
  EXPECT_THAT(numbers_in(to_), IsEmpty());
  EXPECT_TRUE(fs::is_empty(to_ / "shared_checksum"));
  EXPECT_TRUE(fs::is_empty(to_ / "private"));
}

TEST_F(StoredBackupTest, TakesNoMoreSpaceThanEstimated) {
  append_megabytes(6);
  const auto most = [this] {
    return rocksdb_engine().open_backups(to_).value()->most_new_bytes(data_).value();
  };
  const std::uint64_t before_first = most();
  std::uint64_t new_bytes = 0;
  ASSERT_TRUE(back_up(data_, to_, &new_bytes));
  EXPECT_GT(new_bytes, 6U << 20);
  EXPECT_GE(before_first, new_bytes);
  append(data_, 1);  // what was in the write-ahead file is in a table
  ASSERT_TRUE(back_up());
  append(data_, 1);
  EXPECT_LT(most(), 1U << 20) << "tables that a backup has are not copied again";
}

TEST_F(StoredBackupTest, LeavesNothingWhenStopped) {
  append_megabytes(12);
  {
    const auto store = rocksdb_engine().open_read_only(data_).value();
    const auto backups = rocksdb_engine().open_backups(to_).value();
    const auto made = backups->add(*store, data_, [](std::uint64_t) { return false; });
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().what, HasSubstr("it was stopped"));
    EXPECT_EQ(made.error().kind, FaultKind::io);
  }
  EXPECT_THAT(numbers_in(to_), IsEmpty());
  EXPECT_TRUE(fs::is_empty(to_ / "shared_checksum"));
  EXPECT_TRUE(back_up());
}

TEST_F(StoredBackupTest, IsNotListedWhenItsProcessWasKilled) {
  append(data_, 3);
  ASSERT_TRUE(back_up());
  append(data_, 3);
  const fs::path killed = directory_.path() / "killed";
  {
    const auto store = rocksdb_engine().open_read_only(data_).value();
    const auto backups = rocksdb_engine().open_backups(to_).value();
    const auto made = backups->add(*store, data_, [](std::uint64_t) { return true; }).value();
    fs::copy(to_, killed, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
  EXPECT_THAT(numbers_in(killed), ElementsAre(1)) << "the second is there, and was never proved";
  ASSERT_TRUE(back_up(data_, killed));
  const auto backups = rocksdb_engine().open_backups_read_only(killed).value();
  ASSERT_EQ(backups->list().size(), 2U);
  for (const ListedBackup& listed : backups->list()) EXPECT_TRUE(backups->open(listed.number));
}

/// Two kills, each between two steps of removing what is unfinished: the first after the backup was sealed,
/// the second after its files were removed.
TEST_F(StoredBackupTest, ResumesRemovalThatWasKilled) {
  append(data_, 3);
  ASSERT_TRUE(back_up());
  const fs::path killed = directory_.path() / "killed";
  {
    const auto store = rocksdb_engine().open_read_only(data_).value();
    const auto backups = rocksdb_engine().open_backups(to_).value();
    const auto made = backups->add(*store, data_, [](std::uint64_t) { return true; }).value();
    fs::copy(to_, killed, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
  fs::copy_file(killed / "seals" / "1", killed / "seals" / "2");
  fs::remove(killed / "meta" / "2");
  EXPECT_THAT(numbers_in(killed), ElementsAre(1));
  ASSERT_TRUE(rocksdb_engine().open_backups(killed));
  EXPECT_FALSE(fs::exists(killed / "seals" / "2"));
  append(data_, 1);
  EXPECT_TRUE(back_up(data_, killed)) << "it is no backup that was lost";
  EXPECT_THAT(numbers_in(killed), ElementsAre(1, 2));
}

TEST_F(StoredBackupTest, RefusesDirectoryReadableByOthers) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  fs::permissions(to_, fs::perms::group_read, fs::perm_options::add);
  const auto refused = back_up();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("chmod 700 " + to_.string()));
}

TEST_F(StoredBackupTest, ReportsBusyWhenDirectoryIsOpen) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  const auto one = rocksdb_engine().open_backups(to_).value();
  EXPECT_EQ(rocksdb_engine().open_backups(to_).error().kind, FaultKind::busy);
  EXPECT_EQ(rocksdb_engine().open_backups_read_only(to_).error().kind, FaultKind::busy);
}

TEST_F(StoredBackupTest, RefusesDirectoryOfAnotherLedger) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  const fs::path other = directory_.path() / "other";
  append(other, 2);
  const auto refused = back_up(other, to_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FaultKind::io);
  EXPECT_THAT(refused.error().what, HasSubstr("has the backups of another log"));
  EXPECT_THAT(numbers_in(to_), ElementsAre(1));
}

TEST_F(StoredBackupTest, RefusesLogOfDivergedEpoch) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  append(data_, 1);
  ASSERT_TRUE(back_up());
  const fs::path from_first = directory_.path() / "from_first";
  const fs::path from_second = directory_.path() / "from_second";
  restore(1, from_first);
  restore(2, from_second);
  append(from_first, 1, 3);
  append(from_second, 1);
  EXPECT_THAT(back_up(from_first, to_).error().what, HasSubstr("a commit that this log does not have"));
  EXPECT_TRUE(back_up(from_second, to_)) << "it goes on where the newest backup ends";
  EXPECT_THAT(back_up().error().what, HasSubstr("in epoch 2, and this log at 4 in epoch 1"));
}

TEST_F(StoredBackupTest, RestoresIntoNextEpoch) {
  append(data_, 3);
  const Head before = head_of(data_);
  ASSERT_TRUE(back_up());
  const fs::path copy = directory_.path() / "copy";
  const Head after = restore(1, copy);
  EXPECT_EQ(after.ledger, before.ledger);
  EXPECT_EQ(after.epoch, before.epoch.next());
  EXPECT_EQ(after.position, before.position);
  EXPECT_EQ(after.hash, before.hash);
  EXPECT_EQ(head_of(copy), after);

  append(copy, 1);
  const auto store = rocksdb_engine().open_read_only(copy).value();
  const auto cursor = store->log().read(before.position);
  EXPECT_EQ(cursor->next().value()->epoch, before.epoch);
  EXPECT_EQ(cursor->next().value()->epoch, after.epoch);
}

TEST_F(StoredBackupTest, RestoresIntoRequestedLaterEpoch) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  const auto backups = rocksdb_engine().open_backups_read_only(to_).value();
  const auto restored = [&](const char* name, Epoch epoch) {
    const auto store = backups->restore(1, directory_.path() / name, small(), epoch);
    return store ? (*store)->log().head().epoch : Epoch(0);
  };
  EXPECT_EQ(restored("second", Epoch(3)), Epoch(3));
  EXPECT_EQ(restored("first", Epoch(2)), Epoch(2));
  const auto same = backups->restore(1, directory_.path() / "same", small(), Epoch(1));
  ASSERT_FALSE(same);
  EXPECT_THAT(same.error().what, HasSubstr("in epoch 1 already"));
}

TEST_F(StoredBackupTest, RestoresOnlyIntoEmptyDirectory) {
  append(data_, 1);
  ASSERT_TRUE(back_up());
  const auto refused =
      rocksdb_engine().open_backups_read_only(to_).value()->restore(1, data_, small(), Epoch(2));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("is not empty"));
}

TEST_F(StoredBackupTest, RemovesOldestFirst) {
  for (int i = 0; i < 3; ++i) {
    append(data_, 1);
    ASSERT_TRUE(back_up());
  }
  EXPECT_EQ(rocksdb_engine().open_backups(to_).value()->keep_newest(2).value(), 1U);
  EXPECT_THAT(numbers_in(to_), ElementsAre(2, 3));
  EXPECT_TRUE(rocksdb_engine().open_backups_read_only(to_).value()->open(2));
}

TEST_F(StoredBackupTest, RefusesDirectoryWithOtherFiles) {
  append(data_, 1);
  EXPECT_THAT(back_up(data_, directory_.path()).error().what, HasSubstr("holds no backups, but data"));
  EXPECT_THAT(rocksdb_engine().open_backups_read_only(directory_.path()).error().what,
              HasSubstr("holds no backups"));
}

// ---- damage -----------------------------------------------------------------------------------------------

class DamagedBackup : public StoredBackupTest {
 protected:
  void SetUp() override {
    append(data_, 3);
    ASSERT_TRUE(back_up());
    append(data_, 3);
    ASSERT_TRUE(back_up());
    whole_ = rocksdb_engine().open_backups_read_only(to_).value()->list().at(1).backup->record;
  }

  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const char* part : {"meta", "private", "shared_checksum"}) {
      for (const auto& entry : fs::recursive_directory_iterator(to_ / part)) {
        if (entry.is_regular_file() && entry.file_size() > 0) all.push_back(entry.path());
      }
    }
    return all;
  }

  enum class Damage : std::uint8_t { flipped, cut, gone };
  static void do_damage(const fs::path& file, const std::string& bytes, Damage damage) {
    std::string damaged = bytes.substr(0, bytes.size() - (damage == Damage::cut ? 1 : 0));
    if (damage == Damage::flipped)
      damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 1);
    write_bytes(file, damaged);
    if (damage == Damage::gone) fs::remove(file);
  }

  /// Whether the second backup depends on the file.
  [[nodiscard]] bool is_of_second(const fs::path& file) const {
    const fs::path meta = to_ / "meta" / "2";
    return file == meta ||
           read_bytes(meta).find(file.lexically_relative(to_).generic_string()) != std::string::npos;
  }

  /// Whether every check reports the second backup as damaged.
  [[nodiscard]] bool is_found() const {
    const auto backups = rocksdb_engine().open_backups_read_only(to_).value();
    const auto all = backups->list();
    const auto second = std::ranges::find(all, 2U, &ListedBackup::number);
    if (second == all.end()) return false;
    const auto log = backups->open(2);
    if (log) {
      EXPECT_EQ(second->backup->record, whole_);
    } else {
      EXPECT_EQ(log.error().kind, FaultKind::corruption) << log.error().what;
    }
    return !log;
  }

  BackupRecord whole_;
};

TEST_F(DamagedBackup, IsDetectedInEveryFile) {
  for (const fs::path& file : files()) {
    const bool is_of_second = this->is_of_second(file);
    const std::string bytes = read_bytes(file);
    for (const Damage damage : {Damage::flipped, Damage::cut, Damage::gone}) {
      do_damage(file, bytes, damage);
      EXPECT_EQ(is_found(), is_of_second) << file << " in way " << static_cast<int>(damage);
    }
    write_bytes(file, bytes);
  }
  EXPECT_FALSE(is_found());
}

TEST_F(DamagedBackup, IsDetectedInMetadataAndSeals) {
  for (const fs::path& file : {to_ / "meta" / "2", to_ / "seals" / "2"}) {
    const std::string bytes = read_bytes(file);
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      write_bytes(file, damaged);
      EXPECT_TRUE(is_found()) << file << " at " << at;
      EXPECT_TRUE(rocksdb_engine().open_backups_read_only(to_).value()->open(1))
          << "the first is as good as ever";
    }
    EXPECT_EQ(rocksdb_engine().open_backups(to_).error().kind, FaultKind::corruption);
    write_bytes(file, bytes);
  }
}

// The next backup may share damaged files; then it is not kept. It never makes things worse.
TEST_F(DamagedBackup, LeavesNextBackupWholeOrUnmade) {
  const fs::path copy = directory_.path() / "copy";
  int made = 0;
  for (const fs::path& file : files()) {
    const std::string bytes = read_bytes(file);
    for (const Damage damage : {Damage::flipped, Damage::cut, Damage::gone}) {
      fs::remove_all(copy);
      fs::copy(to_, copy, fs::copy_options::recursive);
      do_damage(copy / file.lexically_relative(to_), bytes, damage);
      const auto next = back_up(data_, copy);
      if (!next) {
        EXPECT_EQ(next.error().kind, FaultKind::corruption) << file << ": " << next.error().what;
        continue;
      }
      ++made;
      EXPECT_TRUE(rocksdb_engine().open_backups_read_only(copy).value()->open(next->number)) << file;
    }
  }
  EXPECT_GT(made, 0) << "files of the first backup alone do not matter";
}

TEST_F(DamagedBackup, IsNotRestored) {
  const fs::path copy = directory_.path() / "copy";
  for (const fs::path& file : files()) {
    if (file.parent_path() != to_ / "shared_checksum" || !is_of_second(file)) continue;
    const std::string bytes = read_bytes(file);
    do_damage(file, bytes, Damage::flipped);
    const auto restored =
        rocksdb_engine().open_backups_read_only(to_).value()->restore(2, copy, small(), Epoch(2));
    ASSERT_FALSE(restored) << file;
    EXPECT_EQ(restored.error().kind, FaultKind::corruption) << restored.error().what;
    EXPECT_FALSE(fs::exists(copy));
    EXPECT_FALSE(fs::exists(copy.string() + ".new"));
    write_bytes(file, bytes);
  }
}

}  // namespace
}  // namespace stockfold
