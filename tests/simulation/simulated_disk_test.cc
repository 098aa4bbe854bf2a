// The disk of the simulations: how it fails, and what remains.
#include "simulation/simulated_disk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "simulation/simulated_clock.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

constexpr std::uint32_t kAlways = 1'000'000;

struct SimulatedDiskTest : testing::Test {
  [[nodiscard]] std::string path(const std::string& name) const { return directory.path() / "disk" / name; }

  std::unique_ptr<rocksdb::FSWritableFile> file(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> made;
    status = disk.NewWritableFile(path(name), {}, &made, nullptr);
    return made;
  }

  std::uint64_t size(const std::string& name) {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(disk.GetFileSize(path(name), {}, &bytes, nullptr).ok());
    return bytes;
  }

  TemporaryDirectory directory;
  SimulatedClock clock{UnixMillis(1)};
  SimulatedDisk disk{directory.path() / "disk", 1, clock};
  rocksdb::IOStatus status;
};

TEST_F(SimulatedDiskTest, RejectsBytesAndFilesWhenFull) {
  const auto first = file("first");
  disk.set_free_space(10);
  EXPECT_TRUE(first->Append("0123456789abcdef", {}, nullptr).IsNoSpace());
  EXPECT_EQ(size("first"), 10U);
  EXPECT_EQ(file("second"), nullptr);
  EXPECT_TRUE(status.IsNoSpace());
  EXPECT_TRUE(disk.CreateDir(path("third"), {}, nullptr).IsNoSpace());
  EXPECT_TRUE(disk.LinkFile(path("first"), path("fourth"), {}, nullptr).IsNoSpace());
  EXPECT_EQ(disk.counts().no_room, 4U);
}

TEST_F(SimulatedDiskTest, FailsSomeSyncsAndRenamesWhenFull) {
  const auto first = file("first");
  std::unique_ptr<rocksdb::FSDirectory> entries;
  ASSERT_TRUE(disk.NewDirectory((directory.path() / "disk").string(), {}, &entries, nullptr).ok());
  disk.set_free_space(0);
  int syncs = 0;
  int directory_syncs = 0;
  int renames = 0;
  std::string name = "first";
  for (int time = 0; time < 40; ++time) {
    syncs += first->Sync({}, nullptr).IsNoSpace() ? 1 : 0;
    directory_syncs += entries->Fsync({}, nullptr).IsNoSpace() ? 1 : 0;
    const bool is_called_so = disk.RenameFile(path(name), path("a"), {}, nullptr).ok();
    if (is_called_so) {
      name = "a";
    } else {
      ++renames;
    }
  }
  for (const int failed : {syncs, directory_syncs, renames}) {
    EXPECT_GT(failed, 0);
    EXPECT_LT(failed, 40);
  }
}

TEST_F(SimulatedDiskTest, RegainsSpaceOfRemovedFiles) {
  disk.set_free_space(2'000);
  ASSERT_TRUE(file("first")->Append(std::string(1'700, 'x'), {}, nullptr).ok());
  ASSERT_EQ(file("second"), nullptr);
  ASSERT_TRUE(disk.DeleteFile(path("first"), {}, nullptr).ok());
  EXPECT_NE(file("second"), nullptr);
}

TEST_F(SimulatedDiskTest, FailsWritesWithIoOrSpaceError) {
  disk.set_faults({.write = kAlways});
  int no_room = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(file(std::to_string(i)), nullptr);
    no_room += status.IsNoSpace() ? 1 : 0;
  }
  EXPECT_GT(no_room, 0);
  EXPECT_LT(no_room, 20);
  EXPECT_EQ(disk.counts().no_room, 0U) << "the disk has room";
}

TEST_F(SimulatedDiskTest, LeavesFileUnchangedWhenRemovalOrTruncationFails) {
  const auto first = file("first");
  ASSERT_TRUE(first->Append("0123456789", {}, nullptr).ok());
  disk.set_faults({.remove = kAlways, .truncate = kAlways});
  EXPECT_TRUE(first->Truncate(3, {}, nullptr).IsIOError());
  EXPECT_TRUE(disk.DeleteFile(path("first"), {}, nullptr).IsIOError());
  EXPECT_EQ(size("first"), 10U);
}

TEST_F(SimulatedDiskTest, AdvancesClockWhenItStalls) {
  const auto first = file("first");
  disk.set_faults({.stall = kAlways});
  const auto begun = clock.steady();
  const UnixMillis time = clock.time();
  EXPECT_TRUE(first->Append("0123456789", {}, nullptr).ok());
  EXPECT_TRUE(first->Sync({}, nullptr).ok());
  EXPECT_EQ(disk.counts().stalls, 2U);
  EXPECT_EQ(disk.counts().failures, 0U);
  EXPECT_GE(clock.steady() - begun, std::chrono::seconds(2));
  EXPECT_EQ(clock.steady() - begun, disk.counts().stalled);
  EXPECT_EQ(UnixMillis(time.value() + disk.counts().stalled.count()), clock.time());
}

TEST_F(SimulatedDiskTest, KeepsSyncedBytesOnPowerCutWhenFull) {
  auto first = file("first");
  ASSERT_TRUE(first->Append("kept", {}, nullptr).ok());
  ASSERT_TRUE(first->Sync({}, nullptr).ok());
  std::unique_ptr<rocksdb::FSDirectory> entries;
  ASSERT_TRUE(disk.NewDirectory((directory.path() / "disk").string(), {}, &entries, nullptr).ok());
  ASSERT_TRUE(entries->Fsync({}, nullptr).ok());
  disk.set_free_space(1'000);
  EXPECT_TRUE(first->Append(std::string(1'001, 'x'), {}, nullptr).IsNoSpace());
  disk.cut_power();
  EXPECT_FALSE(first->Append("more", {}, nullptr).ok());
  first.reset();
  disk.start();
  EXPECT_GE(size("first"), 4U);
  EXPECT_LE(size("first"), 1'004U);
  EXPECT_EQ(disk.counts().cuts, 1U);
}

}  // namespace
}  // namespace stockfold
