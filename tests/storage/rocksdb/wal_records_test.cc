#include "storage/rocksdb/wal_records.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "storage/golden.h"
#include "storage/rocksdb/wal.h"
#include "support/temporary_directory.h"
#include "support/write_ahead_fragments.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kImpossible = std::uint64_t{1} << 56U;
constexpr std::uint64_t kGreatest = kImpossible - (std::uint64_t{1} << 32U);
enum FragmentType : char {
  kWholeFragment = 1,
  kFirstFragment = 2,
  kMiddleFragment = 3,
  kLastFragment = 4,
  kRecycledFragment = 5,
  kCompressionFragment = 9
};

const std::string kPut("\x01\1k\1v", 5);

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::string record_of(std::uint64_t sequence, std::uint32_t count, const std::string& rows) {
  return number(sequence, 8) + number(count, 4) + rows;
}
std::string record_of(std::uint64_t sequence) { return record_of(sequence, 1, kPut); }

std::string fragment(FragmentType type, std::string_view content) {
  return number(0, 4) + number(content.size(), 2).append(1, type).append(content);
}
std::string whole(std::uint64_t sequence) { return fragment(kWholeFragment, record_of(sequence)); }

class WriteAheadFileTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& file) const {
    write_bytes(directory_.path() / name, file);
  }
  /// What is wrong; empty if the files are accepted.
  [[nodiscard]] std::string wrong() const {
    const auto checked = check_write_ahead_files(directory_.path());
    if (checked) return "";
    EXPECT_EQ(checked.error().kind, FaultKind::corruption);
    EXPECT_NE(checked.error().what.find(".log "), std::string::npos) << checked.error().what;
    return checked.error().what.substr(checked.error().what.find(".log ") + 5);
  }
  /// What is wrong with a file of these bytes.
  [[nodiscard]] std::string wrong_with(const std::string& file) const {
    write("000007.log", file);
    return wrong();
  }
  [[nodiscard]] std::string wrong_when_sealed(std::string file) const {
    seal_fragments(file);
    return wrong_with(file);
  }

  TemporaryDirectory directory_;
};

TEST_F(WriteAheadFileTest, AcceptsRowsThatTheLedgerWrites) {
  EXPECT_TRUE(check_write_ahead_files(directory_.path() / "nowhere"));
  EXPECT_EQ(wrong_with(""), "");
  EXPECT_EQ(wrong_with(std::string(100'000, '\0')), "") << "as a file that is allocated ahead";
  const std::string rows = kPut + std::string("\x05\x81\1\1k\1v", 7) + std::string("\0\1k", 3) +
                           std::string("\4\1\1k", 4) + std::string("\x0F\1k\1l", 5) +
                           std::string("\x0E\1\1k\1l", 6);
  EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(1, 6, rows)) + whole(7) +
                              fragment(kWholeFragment, record_of(8, 0, "")) + whole(8) + whole(kGreatest)),
            "");
}

TEST_F(WriteAheadFileTest, RejectsImpossibleSequenceNumber) {
  for (const std::uint64_t sequence : {kImpossible, kGreatest + 1, std::uint64_t{0} - 1}) {
    EXPECT_EQ(wrong_when_sealed(whole(1) + whole(sequence)),
              "has a record with an impossible sequence number");
  }
}

TEST_F(WriteAheadFileTest, RejectsReusedSequenceNumber) {
  const std::string used = "has a record with a sequence number that was used before";
  EXPECT_EQ(wrong_when_sealed(whole(0)), used);
  EXPECT_EQ(wrong_when_sealed(whole(5) + whole(5)), used);
  EXPECT_EQ(wrong_when_sealed(whole(5) + whole(4)), used);
  EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(5, 2, kPut + kPut)) + whole(6)), used);

  std::string file = whole(20);
  seal_fragments(file);
  write("999999.log", file);
  write("1000000.log", file);
  EXPECT_EQ(wrong_when_sealed(whole(19)), used) << "in the file behind it";
  std::filesystem::remove(directory_.path() / "1000000.log");
  EXPECT_EQ(wrong(), "");
}

TEST_F(WriteAheadFileTest, RejectsRowsThatTheLedgerNeverWrites) {
  const std::string never = "has a record with a row that the ledger never writes";
  for (const std::string_view row :
       {std::string_view("\2\1k\1v", 5),   // merges
        std::string_view("\x0B\1x", 3),    // commits a transaction
        std::string_view("\x15\0\1x", 4),  // and at a time, which is empty
        std::string_view("\1\1k\2v", 5),   // exceeds the end
        std::string_view("\1\1k", 3),      // stops before its value
        std::string_view("\1\xFF\xFF\xFF\xFF\xFF\1", 7), std::string_view("\5", 1)}) {
    EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(1, 1, std::string(row)))), never) << row;
  }
  const std::string other = "has a record with another number of rows than it says";
  EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(1, 2, kPut))), other);
  EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(1, 0, kPut))), other);
  EXPECT_EQ(wrong_when_sealed(fragment(kWholeFragment, record_of(1).substr(0, 11))),
            "has a record that is too short");
}

TEST_F(WriteAheadFileTest, LeavesDamagedPartToRocksDb) {
  const std::string bad = fragment(kWholeFragment, record_of(kImpossible));
  EXPECT_EQ(wrong_with(bad), "") << "its checksum is wrong";
  const auto behind = [&](const std::string& damaged) {
    std::string file = damaged + bad;
    seal_fragments(file);
    return wrong_with(file);
  };
  EXPECT_NE(behind(""), "");
  EXPECT_EQ(behind(fragment(kMiddleFragment, "middle")), "") << "of no record";
  EXPECT_EQ(behind(fragment(kLastFragment, "end")), "") << "of no record";
  EXPECT_EQ(behind(fragment(kFirstFragment, "beginning")), "") << "that ends nowhere";
  EXPECT_NE(behind(fragment(kFirstFragment, "")), "") << "RocksDB lets that pass";
  EXPECT_EQ(behind(fragment(kFirstFragment, "beginning") + std::string(kWriteAheadBlockSize - 16, '\0')), "");
  EXPECT_EQ(behind(number(0, 4) + number(60'000, 2) + std::string(1, kWholeFragment)), "")
      << "a size too great";
}

TEST_F(WriteAheadFileTest, ReadsRecordsAcrossBlockEnds) {
  for (std::size_t before = 0; before <= 12; ++before) {
    const std::string record = record_of(kImpossible);
    const std::size_t space = kWriteAheadBlockSize - 2 * kFragmentHeaderSize - before;
    // A row whose value fills the rest of the block, after its size in three bytes.
    const std::size_t value = space - record_of(1, 1, "").size() - 6;
    const std::string row = std::string("\1\1k", 3) + static_cast<char>(0x80U | (value & 0x7FU)) +
                            static_cast<char>(0x80U | (value >> 7U & 0x7FU)) +
                            static_cast<char>(value >> 14U) + std::string(value, '.');
    std::string file = fragment(kWholeFragment, record_of(1, 1, row));
    file += fragment(kFirstFragment, record.substr(0, before));
    ASSERT_EQ(file.size(), kWriteAheadBlockSize);
    EXPECT_NE(wrong_when_sealed(file + fragment(kLastFragment, record.substr(before))), "") << before;
    EXPECT_NE(wrong_when_sealed(file + fragment(kMiddleFragment, record.substr(before, 2)) +
                                fragment(kLastFragment, record.substr(before + 2))),
              "")
        << before;
    const std::string good = record_of(2);
    file.replace(kWriteAheadBlockSize - before, before, good, 0, before);
    EXPECT_EQ(wrong_when_sealed(file + fragment(kLastFragment, good.substr(before)) + whole(3)), "")
        << before;
  }
}

TEST_F(WriteAheadFileTest, RejectsCompressedAndRecycledRecords) {
  const std::string form = "is written in a way that the ledger never chose";
  EXPECT_EQ(wrong_when_sealed(fragment(kCompressionFragment, std::string("\7\0\0\0", 4))), form);
  // The number of the file is part of the header, not of the size.
  std::string recycled = fragment(kRecycledFragment, record_of(1)).insert(kFragmentHeaderSize, "\7\0\0\0", 4);
  const std::uint32_t crc = masked_crc32c(std::string_view(recycled).substr(6));
  EXPECT_EQ(wrong_with(recycled), "");
  recycled.replace(0, 4, number(crc, 4));
  EXPECT_EQ(wrong_with(recycled), form);
}

// Root reads everything, so the test becomes another user, from within the directory: not every user may
// reach it.
TEST_F(WriteAheadFileTest, ReportsFileThatCannotBeRead) {
  write("000007.log", whole(1));
  using std::filesystem::perms;
  std::filesystem::permissions(directory_.path() / "000007.log", perms::none);
  std::filesystem::permissions(directory_.path(), perms::owner_all | perms::group_read | perms::group_exec |
                                                      perms::others_read | perms::others_exec);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory_.path());
  const uid_t user = ::geteuid();
  if (user == 0) {
    ASSERT_EQ(::seteuid(65'534), 0);
  }
  const auto checked = check_write_ahead_files(".");
  const auto sighted = last_sighting(".", Epoch(1));
  ASSERT_EQ(::seteuid(user), 0);
  std::filesystem::current_path(before);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, FaultKind::io);
  EXPECT_EQ(checked.error().what, "opening ./000007.log: Permission denied");
  ASSERT_FALSE(sighted);
  EXPECT_EQ(sighted.error().what, checked.error().what);
}

}  // namespace
}  // namespace stockfold
