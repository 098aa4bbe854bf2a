// A file that exists whole, or not at all.
#include "tools/transfer/new_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "storage/golden.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

class NewFileTest : public testing::Test {
 protected:
  TemporaryDirectory dir_;
  fs::path place_ = dir_.path() / "file";
  fs::path part_ = dir_.path() / "file.part";
};

TEST_F(NewFileTest, AppearsOnlyWhenComplete) {
  auto file = NewFile::begin(place_).value();
  ASSERT_TRUE(file->write("one "));
  ASSERT_TRUE(file->write("two"));
  EXPECT_FALSE(fs::exists(place_));
  ASSERT_TRUE(file->finish());
  file.reset();
  EXPECT_EQ(read_bytes(place_), "one two");
  EXPECT_FALSE(fs::exists(part_));
  EXPECT_EQ(fs::status(place_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(NewFileTest, LeavesNothingUnlessFinished) {
  write_bytes(place_, "before");
  ASSERT_TRUE(NewFile::begin(place_).value()->write("after"));
  EXPECT_EQ(read_bytes(place_), "before");
  EXPECT_FALSE(fs::exists(part_));
}

TEST_F(NewFileTest, ReplacesExistingFileAndLeftovers) {
  write_bytes(place_, "before");
  write_bytes(part_, "much more than is written now");
  auto file = NewFile::begin(place_).value();
  ASSERT_TRUE(file->write("after"));
  ASSERT_TRUE(file->finish());
  EXPECT_EQ(read_bytes(place_), "after");
}

TEST_F(NewFileTest, IsBusyForSecondWriter) {
  const auto first = NewFile::begin(place_).value();
  const auto second = NewFile::begin(place_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FaultKind::busy);
  EXPECT_TRUE(fs::exists(part_)) << "it is the first one's";
}

TEST_F(NewFileTest, IsNotWrittenThroughLinks) {
  const fs::path victim = dir_.path() / "victim";
  write_bytes(victim, "precious");
  fs::create_symlink(victim, part_);
  EXPECT_FALSE(NewFile::begin(place_));
  fs::remove(part_);
  fs::create_hard_link(victim, part_);
  const auto linked = NewFile::begin(place_);
  ASSERT_FALSE(linked);
  EXPECT_THAT(linked.error().what,
              testing::HasSubstr("file.part exists and is not the remains of an earlier try"));
  fs::remove(part_);
  ASSERT_EQ(::mkfifo(part_.c_str(), 0600), 0);
  EXPECT_FALSE(NewFile::begin(place_)) << "and it does not wait for a reader";
  EXPECT_EQ(read_bytes(victim), "precious");
}

TEST_F(NewFileTest, ChangesOwnerBeforeItAppears) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write_bytes(part_, "of somebody else");
  ASSERT_EQ(::chown(part_.c_str(), 65'534, 65'534), 0);
  EXPECT_FALSE(NewFile::begin(place_)) << "who would have it open";
  fs::remove(part_);
  auto file = NewFile::begin(place_).value();
  ASSERT_TRUE(file->give_to(65'534, 65'533));
  struct stat found{};
  ASSERT_EQ(::stat(part_.c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, 65'534U);
  EXPECT_EQ(found.st_gid, 65'533U);
  ASSERT_TRUE(file->finish());
}

TEST_F(NewFileTest, ReportsWhyItCannotBeWritten) {
  const auto file = NewFile::begin(dir_.path() / "nowhere" / "file");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().what, testing::HasSubstr("nowhere/file.part: No such file"));
}

}  // namespace
}  // namespace stockfold
