#include "storage/files/head_key.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include "storage/golden.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

Head a_head() {
  Head head;
  head.ledger.bytes.fill(1);
  head.epoch = Epoch(2);
  head.position = GlobalPosition(42);
  head.hash.bytes.fill(3);
  head.time = UnixMillis(1'767'225'600'000);
  return head;
}

class HeadKeyTest : public testing::Test {
 protected:
  [[nodiscard]] HeadKey key() const {
    auto key = HeadKey::open_or_make(dir_.path());
    if (!key) throw std::runtime_error(key.error().what);
    return std::move(*key);
  }
  void given(const std::string& bytes) const {
    write_bytes(dir_.path() / "head.key", bytes);
    fs::permissions(dir_.path() / "head.key", fs::perms::owner_read | fs::perms::owner_write);
  }

  TemporaryDirectory dir_;
};

TEST_F(HeadKeyTest, SignsHeadsThatVerify) { EXPECT_TRUE(is_genuine(key().sign(a_head()))); }

TEST_F(HeadKeyTest, IsTheSameAfterReopening) {
  const PublicKey made = key().public_key();
  EXPECT_EQ(key().public_key(), made);
  EXPECT_EQ(key().sign(a_head()).signature, key().sign(a_head()).signature);
}

TEST_F(HeadKeyTest, IsReadableByItsOwnerOnly) {
  (void)key();
  EXPECT_EQ(fs::status(dir_.path() / "head.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(dir_.path() / "head.key.new"));
}

TEST_F(HeadKeyTest, IsDrawnForEachLedger) {
  const TemporaryDirectory other;
  EXPECT_NE(HeadKey::open_or_make(other.path())->public_key(), key().public_key());
}

TEST_F(HeadKeyTest, SignatureCoversEveryField) {
  const SignedHead good = key().sign(a_head());
  SignedHead forged = good;
  forged.head.ledger.bytes[0] ^= 1;
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.head.epoch = Epoch(3);
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.head.position = GlobalPosition(43);
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.head.hash.bytes[31] ^= 1;
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.head.time = UnixMillis(1);
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.signature.bytes[5] ^= 1;
  EXPECT_FALSE(is_genuine(forged));
  forged = good;
  forged.key.bytes[5] ^= 1;
  EXPECT_FALSE(is_genuine(forged));
}

TEST_F(HeadKeyTest, IsNotMadeByOpening) {
  const auto opened = HeadKey::open(dir_.path());
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_FALSE(opened->has_value());
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(HeadKeyTest, IsNotReplacedWhenDamaged) {
  (void)key();
  const fs::path file = dir_.path() / "head.key";
  const std::string bytes = read_bytes(file);
  for (const std::string& damaged : {std::string(), bytes.substr(1), bytes + "x", "X" + bytes.substr(1)}) {
    write_bytes(file, damaged);
    const auto opened = HeadKey::open_or_make(dir_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, FaultKind::corruption);
    EXPECT_EQ(read_bytes(file), damaged);
  }
}

TEST_F(HeadKeyTest, DetectsEveryFlippedBitAndLostByte) {
  (void)key();
  const fs::path file = dir_.path() / "head.key";
  const std::string good = read_bytes(file);
  const auto expect_damaged = [&](const std::string& bytes) {
    write_bytes(file, bytes);
    const auto opened = HeadKey::open(dir_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, FaultKind::corruption);
  };
  for (std::size_t at = 0; at < good.size(); ++at) {
    expect_damaged(good.substr(0, at));
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      expect_damaged(flipped);
    }
  }
}

TEST_F(HeadKeyTest, RefusesFileOpenToOthersAndSuggestsChmod) {
  (void)key();
  const fs::path file = dir_.path() / "head.key";
  for (const fs::perms open : {fs::perms::group_read, fs::perms::others_read, fs::perms::others_write}) {
    fs::permissions(file, fs::perms::owner_read | open);
    const auto refused = HeadKey::open_or_make(dir_.path());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FaultKind::io);
    EXPECT_NE(refused.error().what.find("; chmod 600 " + file.string()), std::string::npos)
        << refused.error().what;
  }
}

TEST_F(HeadKeyTest, IsNotReadThroughSymlink) {
  (void)key();
  const fs::path file = dir_.path() / "head.key";
  fs::rename(file, dir_.path() / "elsewhere");
  fs::create_symlink(dir_.path() / "elsewhere", file);
  EXPECT_FALSE(HeadKey::open(dir_.path()));
}

TEST_F(HeadKeyTest, NamesFileThatCannotBeRead) {
  fs::create_directory(dir_.path() / "head.key");
  const auto opened = HeadKey::open(dir_.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, FaultKind::io);
  EXPECT_NE(opened.error().what.find("head.key"), std::string::npos) << opened.error().what;
}

// An example for other implementations, in the form without a checksum.
TEST_F(HeadKeyTest, MatchesGoldenSignature) {
  std::string seed;
  for (char i = 0; i < 32; ++i) seed.push_back(i);
  given("stockfold head key 1\n" + seed);
  const SignedHead signed_head = key().sign(a_head());
  std::string bytes(reinterpret_cast<const char*>(signed_head.key.bytes.data()), PublicKey::kSize);
  bytes.append(reinterpret_cast<const char*>(signed_head.signature.bytes.data()), Signature::kSize);
  expect_golden("heads/key_and_signature.hex", bytes);
}

TEST_F(HeadKeyTest, ReadsFileWithAndWithoutChecksum) {
  const std::string file = from_hex(read_bytes(golden_path("heads/key_file-2.hex")));
  given(file);
  const PublicKey with_checksum = key().public_key();
  given("stockfold head key 1\n" + file.substr(21, 32));
  EXPECT_EQ(key().public_key(), with_checksum);
}

}  // namespace
}  // namespace stockfold
