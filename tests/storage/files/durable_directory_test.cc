// Directories that only their owner may use.
#include "storage/files/durable_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/files/directory_lock.h"
#include "storage/golden.h"
#include "support/temporary_directory.h"

namespace {

std::vector<std::filesystem::path>* synced = nullptr;  // set while a test watches

}  // namespace

/// Replaces the system's fsync in this program, and records what is synced.
extern "C" int fsync(int file) {
  if (synced != nullptr)
    synced->push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file)));
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace stockfold {
namespace {

using testing::HasSubstr;

std::vector<std::filesystem::path> synced_by_making(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> names;
  synced = &names;
  const auto made = make_directory(dir);
  synced = nullptr;
  EXPECT_TRUE(made) << made.error().what;
  return names;
}

/// The process that made it may have ended before its name was on disk; a power cut would then take all its
/// contents.
TEST(MakeDirectory, SyncsParentOfExistingDirectory) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "data");
  EXPECT_THAT(synced_by_making(directory.path() / "data"),
              testing::ElementsAre(std::filesystem::canonical(directory.path())));
}

/// Its parent may be of a kind that cannot be synced, and its name there is not ours.
TEST(MakeDirectory, SyncsNothingForMountPoint) { EXPECT_THAT(synced_by_making("/proc"), testing::IsEmpty()); }

class PrivateDirectoryTest : public testing::Test {
 protected:
  void given(mode_t mode, const std::string& file = "") const {
    std::filesystem::create_directory(dir_);
    if (!file.empty()) write_bytes(dir_ / file, "");
    ASSERT_EQ(::chmod(dir_.c_str(), mode), 0);
  }
  [[nodiscard]] mode_t mode() const {
    struct stat found{};
    EXPECT_EQ(::stat(dir_.c_str(), &found), 0);
    return found.st_mode & 07777U;
  }

  TemporaryDirectory directory_;
  const std::filesystem::path dir_ = directory_.path() / "data";
};

TEST_F(PrivateDirectoryTest, IsCreatedWhenMissing) {
  EXPECT_TRUE(check_private(dir_));
  ASSERT_TRUE(make_private_directory(dir_));
  EXPECT_EQ(mode(), 0700U);
  EXPECT_TRUE(make_private_directory(dir_)) << "again";
}

TEST_F(PrivateDirectoryTest, IsMadeFromEmptyDirectory) {
  given(0755, "lost+found");
  ASSERT_TRUE(make_private_directory(dir_));
  EXPECT_EQ(mode(), 0700U);
}

TEST_F(PrivateDirectoryTest, RefusesDirectoryOpenToOthers) {
  for (const mode_t open : {0750U, 0701U, 0777U}) {
    given(open, "CURRENT");
    const auto refused = make_private_directory(dir_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what,
                HasSubstr("others than its owner can get at it; chmod 700 " + dir_.string()));
    EXPECT_EQ(mode(), open) << "others may have read it: the operator must decide";
    EXPECT_FALSE(check_private(dir_));
  }
  given(0700);
  EXPECT_TRUE(make_private_directory(dir_));
}

TEST_F(PrivateDirectoryTest, RefusesDirectoryOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  given(0700);
  ASSERT_EQ(::chown(dir_.c_str(), 65'534, 65'534), 0);
  const auto refused = make_private_directory(dir_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("belongs to another user"));
  EXPECT_FALSE(check_private(dir_));
}

// As Kubernetes gives a volume to a group: owned by root, or by us from before.
TEST_F(PrivateDirectoryTest, AcceptsSetgidSharingWithOwnGroup) {
  given(02770, "CURRENT");
  ASSERT_TRUE(make_private_directory(dir_));
  EXPECT_TRUE(check_private(dir_));
  EXPECT_EQ(mode(), 02770U);
  std::filesystem::remove(dir_ / "CURRENT");
  ASSERT_TRUE(make_private_directory(dir_)) << "empty";
  EXPECT_EQ(mode(), 02770U) << "the next mount would open it again";
}

TEST_F(PrivateDirectoryTest, RefusesSharingBeyondOwnGroup) {
  given(02775, "CURRENT");
  EXPECT_FALSE(check_private(dir_)) << "everybody may read it";
  ASSERT_EQ(::chmod(dir_.c_str(), 0770), 0);
  EXPECT_FALSE(check_private(dir_)) << "perhaps by mistake";
  if (::geteuid() != 0) return;  // only root can give it to a group that it is not in
  ASSERT_EQ(::chown(dir_.c_str(), 0, 65'533), 0);
  ASSERT_EQ(::chmod(dir_.c_str(), 02770), 0);
  EXPECT_FALSE(check_private(dir_));
}

class SecretFileTest : public testing::Test {
 protected:
  [[nodiscard]] bool is_kept(mode_t mode, SharedBy shared) const {
    write_bytes(path_, "secret");
    EXPECT_EQ(::chmod(path_.c_str(), mode), 0);
    const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    const bool kept = keeps_secret(file, path_, shared);
    ::close(file);
    return kept;
  }

  TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "secret";
};

TEST_F(SecretFileTest, IsReadableByOwnGroupWhenAllowed) {
  EXPECT_TRUE(is_kept(0600, SharedBy::directory));
  EXPECT_TRUE(is_kept(0440, SharedBy::reading));
  EXPECT_TRUE(is_kept(0640, SharedBy::reading));
  EXPECT_FALSE(is_kept(0640, SharedBy::directory));
  for (const mode_t open : {0660U, 0650U, 0604U, 0444U})
    EXPECT_FALSE(is_kept(open, SharedBy::reading)) << open;
}

TEST_F(SecretFileTest, IsWritableByOwnGroupInSharedDirectory) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 02770), 0);
  EXPECT_TRUE(is_kept(0660, SharedBy::directory));
  EXPECT_TRUE(is_kept(0660, SharedBy::reading));
  EXPECT_FALSE(is_kept(0664, SharedBy::directory));
  if (::geteuid() != 0) return;  // only root can give it to a group that it is not in
  ASSERT_EQ(::chown(path_.c_str(), 0, 65'533), 0);
  EXPECT_FALSE(is_kept(0660, SharedBy::directory));
  EXPECT_FALSE(is_kept(0640, SharedBy::reading));
}

TEST_F(PrivateDirectoryTest, IsNotLockedThroughSymlink) {
  given(0700);
  std::filesystem::create_symlink(directory_.path() / "elsewhere", dir_ / "LOCK");
  EXPECT_FALSE(DirectoryLock::take(dir_));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "elsewhere"));
}

}  // namespace
}  // namespace stockfold
