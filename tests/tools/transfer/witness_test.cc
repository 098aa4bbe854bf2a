// Files that should hold a signed head.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/temporary_directory.h"
#include "tools/reports/head_text.h"
#include "tools/transfer/store_audit.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class WitnessTest : public testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return (dir_.path() / "head").string(); }
  void write(const std::string& text) const { std::ofstream(file()) << text; }
  [[nodiscard]] std::string wrong() const {
    const auto witness = read_witness(file());
    return witness ? "nothing" : witness.error();
  }

  TemporaryDirectory dir_;
};

TEST_F(WitnessTest, ReadsTheHeadInItsFile) {
  SignedHead head;
  head.head.position = GlobalPosition(42);
  write(json_of(head) + "\n");
  const auto witness = read_witness(file());
  ASSERT_TRUE(witness) << witness.error();
  EXPECT_EQ(witness->file, file());
  EXPECT_EQ(witness->head, head);
}

TEST_F(WitnessTest, CannotBeReadWhenMissing) { EXPECT_EQ(wrong(), "cannot read " + file()); }

TEST_F(WitnessTest, CannotBeReadFromDirectory) {
  std::filesystem::create_directory(file());
  EXPECT_EQ(wrong(), "cannot read " + file());
}

TEST_F(WitnessTest, ReportsFileWithoutSignedHead) {
  write("[]");
  EXPECT_THAT(wrong(), StartsWith(file() + " holds no signed head: "));
}

TEST_F(WitnessTest, RejectsOversizedFile) {
  SignedHead head;
  write(json_of(head) + std::string(100'000, ' '));
  EXPECT_THAT(wrong(), HasSubstr("more than 65536 bytes"));
}

}  // namespace
}  // namespace stockfold
