// Runs every target on the stored inputs: corpus/ holds inputs that reach most of the code, regressions/
// those that once broke a promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace stockfold {

void PrintTo(const FuzzTarget& target, std::ostream* out) { *out << target.name; }

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostCorpusBytes = 500'000;

fs::path kept(std::string_view kind) { return fs::path(STOCKFOLD_FUZZ_DIR) / kind; }

std::vector<fs::path> files_in(const fs::path& dir) {
  std::vector<fs::path> files;
  if (fs::exists(dir)) {
    for (const auto& entry : fs::directory_iterator(dir)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run(const FuzzTarget& target, const std::string& bytes) {
  target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

class FuzzTargetTest : public testing::TestWithParam<FuzzTarget> {
 protected:
  static void hold(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_NO_THROW(run(GetParam(), bytes)) << file;
    }
  }
};

TEST_P(FuzzTargetTest, ThrowsNothingOnCorpusAndRegressions) {
  const auto corpus = files_in(kept("corpus") / GetParam().name);
  ASSERT_THAT(corpus, testing::Not(testing::IsEmpty()));
  hold(corpus);
  hold(files_in(kept("regressions") / GetParam().name));
}

TEST_P(FuzzTargetTest, ThrowsNothingOnEmptyInput) { EXPECT_NO_THROW(run(GetParam(), "")); }

INSTANTIATE_TEST_SUITE_P(Targets, FuzzTargetTest, testing::ValuesIn(kFuzzTargets),
                         [](const auto& with) { return std::string(with.param.name); });

TEST(FuzzCorpus, NamesOnlyExistingTargets) {
  std::set<std::string> targets;
  for (const FuzzTarget& target : kFuzzTargets) targets.emplace(target.name);
  for (const std::string kind : {"corpus", "regressions"}) {
    for (const fs::path& dir : files_in(kept(kind))) EXPECT_THAT(targets, testing::Contains(dir.filename()));
  }
}

TEST(FuzzCorpus, StaysSmall) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kept("corpus"))) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  EXPECT_LT(bytes, kMostCorpusBytes);
}

// Too large to be stored, and easily made.
TEST(FuzzTargets, ThrowNothingOnDeeplyNestedJson) {
  constexpr std::size_t kDepth = 100'000;
  for (const std::string open : {"[", R"({"a":)"}) {
    std::string bytes(1, '\0');  // nothing is sealed
    for (std::size_t depth = 0; depth < kDepth; ++depth) bytes += open;
    EXPECT_NO_THROW(run({"import", fuzz_import}, bytes)) << open;
    EXPECT_NO_THROW(run({"head", fuzz_head}, bytes)) << open;
    EXPECT_NO_THROW(run({"token", fuzz_token}, '\1' + bytes.substr(1))) << open;
    EXPECT_NO_THROW(run({"config", fuzz_config}, "\1a = " + bytes.substr(1))) << open;
    const std::string head = "POST /order/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\r\n";
    EXPECT_NO_THROW(run({"request", fuzz_request}, '\x80' + head + bytes.substr(1))) << open;
  }
}

}  // namespace
}  // namespace stockfold
