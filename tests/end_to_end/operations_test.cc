// The operators' page lists every metric, log line and setting that operators meet.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace stockfold {
namespace {

const std::filesystem::path kSources = STOCKFOLD_SOURCE_DIR;

std::string page_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// The longest fixed part of a format, which every line made from it contains.
std::string fixed_part(const std::string& format) {
  static const std::regex kPlace(R"(\{[^}]*\})");
  std::string longest;
  for (std::sregex_token_iterator part(format.begin(), format.end(), kPlace, -1), end; part != end; ++part) {
    if (part->length() > static_cast<std::ptrdiff_t>(longest.size())) longest = part->str();
  }
  return longest;
}

TEST(OperationsPage, ExplainsEveryLoggedWarning) {
  const std::string page = page_of(kSources / "docs/OPERATIONS.md");
  const std::regex line(R"re(spdlog::(?:warn|error|critical)\(\s*"([^"]*)")re");
  int lines = 0;
  for (const char* folder : {"server", "tools"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(kSources / folder)) {
      if (file.path().extension() != ".cc") continue;
      const std::string source = page_of(file.path());
      for (std::sregex_iterator found(source.begin(), source.end(), line), end; found != end; ++found) {
        ++lines;
        const std::string said = fixed_part((*found)[1].str());
        EXPECT_NE(page.find(said), std::string::npos) << file.path() << " says: " << said;
      }
    }
  }
  EXPECT_GT(lines, 10);
}

TEST(OperationsPage, ListsEveryMetric) {
  const std::string page = page_of(kSources / "docs/OPERATIONS.md");
  std::istringstream all(page_of(kSources / "tests/server/metrics/all_metrics.txt"));
  int metrics = 0;
  for (std::string line; std::getline(all, line);) {
    constexpr std::string_view kType = "# TYPE ";
    if (!line.starts_with(kType)) continue;
    ++metrics;
    const std::string name = line.substr(kType.size(), line.find(' ', kType.size()) - kType.size());
    bool there = page.find('`' + name + '`') != std::string::npos;
    // a row may name further metrics by their ends only: `_bytes`
    for (std::size_t at = 1; !there && (at = name.find('_', at)) != std::string::npos; ++at) {
      there = page.find('`' + name.substr(at) + '`') != std::string::npos;
    }
    EXPECT_TRUE(there) << name;
  }
  EXPECT_GT(metrics, 40);
}

}  // namespace
}  // namespace stockfold
