// A file that is there whole, or not at all.
#include "tools/new_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/golden.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

class ANewFile : public testing::Test {
 protected:
  TemporaryDirectory dir_;
  fs::path place_ = dir_.path() / "file";
  fs::path part_ = dir_.path() / "file.part";
};

TEST_F(ANewFile, IsInItsPlaceOnceItIsWhole) {
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

TEST_F(ANewFile, LeavesNothingUnlessItIsFinished) {
  write_bytes(place_, "before");
  ASSERT_TRUE(NewFile::begin(place_).value()->write("after"));
  EXPECT_EQ(read_bytes(place_), "before");
  EXPECT_FALSE(fs::exists(part_));
}

TEST_F(ANewFile, ReplacesWhatIsThereAndWhatAnEarlierOneLeft) {
  write_bytes(place_, "before");
  write_bytes(part_, "much more than is written now");
  auto file = NewFile::begin(place_).value();
  ASSERT_TRUE(file->write("after"));
  ASSERT_TRUE(file->finish());
  EXPECT_EQ(read_bytes(place_), "after");
}

TEST_F(ANewFile, IsWrittenByOneAtATime) {
  const auto first = NewFile::begin(place_).value();
  const auto second = NewFile::begin(place_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FaultKind::busy);
  EXPECT_TRUE(fs::exists(part_)) << "it is the first one's";
}

TEST_F(ANewFile, SaysWhyItCannotBeWritten) {
  const auto file = NewFile::begin(dir_.path() / "nowhere" / "file");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().what, testing::HasSubstr("nowhere/file.part: No such file"));
}

}  // namespace
}  // namespace stockfold
