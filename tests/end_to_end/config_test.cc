// Settings as a new operator meets them: the file, the environment, the messages about them, and the
// documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::filesystem::path source(const std::string& name) {
  return std::filesystem::path(STOCKFOLD_SOURCE_DIR) / name;
}

class Config : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const auto file = directory_.path() / "stockfold.toml";
    std::ofstream(file) << text;
    EXPECT_EQ(::chmod(file.c_str(), 0600), 0);
    return file.string();
  }

  TemporaryDirectory directory_;
  std::filesystem::path errors_ = directory_.path() / "errors";
};

TEST_F(Config, AppliesFileAndPrefersCommandLine) {
  const auto data = directory_.path() / "data";
  const std::string file = write("data = \"" + (directory_.path() / "elsewhere").string() +
                                 "\"\nlog-format = \"json\"\nmax-connections = 7\n");
  ServedLedger ledger(data, 0, {"--config", file});
  EXPECT_TRUE(std::filesystem::exists(data));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "elsewhere"));  // the command line has precedence
  EXPECT_EQ(ledger.terminate(), 0);
  EXPECT_THAT(text_of(directory_.path() / "serve.log"), StartsWith("{\"time\":"));
}

TEST_F(Config, RefusesToStartOnInvalidFile) {
  const std::string file =
      write("data = \"" + (directory_.path() / "data").string() + "\"\nqueue = 0\nqeue = 1\n");
  EXPECT_EQ(run_program({"serve", "--config", file}, errors_).exit_code, 2);
  EXPECT_EQ(text_of(errors_), "stockfold: " + file +
                                  ":2: queue: \"0\" is not a whole number from 1 to 10000000\n"
                                  "stockfold: " +
                                  file + ":3: unknown setting \"qeue\"; did you mean queue?\n");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "data"));
}

TEST_F(Config, ChecksFileWithoutCreatingStore) {
  const std::string data = (directory_.path() / "data").string();
  const std::string file = write("data = \"" + data + "\"\n");
  const auto checked = run_program({"config", "check", "--config", file});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_EQ(checked.out, "ok\n");
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_EQ(run_program({"config", "check", "--config", write("queue = 1")}, errors_).exit_code, 2);
  EXPECT_THAT(text_of(errors_), HasSubstr("--data is missing"));
}

TEST_F(Config, ReadsFileNamedByEnvironment) {
  ::setenv("STOCKFOLD_CONFIG", write("data = \"d\"\nqueue = 5\n").c_str(), 1);
  const auto printed = run_program({"config", "print", "--json", "--listen", "127.0.0.1:1"});
  ::unsetenv("STOCKFOLD_CONFIG");
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_THAT(printed.out, HasSubstr(R"("queue":{"value":5,"source":")" + directory_.path().string()));
  EXPECT_THAT(printed.out, HasSubstr(R"("listen":{"value":"127.0.0.1:1","source":"command line"})"));
}

TEST_F(Config, AcceptsPackagedSampleFile) {
  const std::string sample = text_of(source("packaging/stockfold.toml"));
  EXPECT_EQ(run_program({"config", "check", "--config", write(sample)}, errors_).exit_code, 0)
      << text_of(errors_);
  // and the settings that it has as comments, once they are set
  std::istringstream lines(sample);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const bool setting = line.starts_with("# ") && line.find(" = ") != std::string::npos;
    all += (setting ? line.substr(2) : line) + '\n';
  }
  EXPECT_EQ(run_program({"config", "check", "--config", write(all)}, errors_).exit_code, 0)
      << text_of(errors_);
}

TEST_F(Config, MatchesDocumentedReference) {
  const std::string page = text_of(source("docs/CONFIGURATION.md"));
  const std::string begin = "<!-- stockfold config reference -->\n";
  const auto from = page.find(begin);
  const auto to = page.find("<!-- end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()),
            run_program({"config", "reference"}).out)
      << "between the two marks in docs/CONFIGURATION.md belongs what `stockfold config reference` prints";
}

}  // namespace
}  // namespace stockfold
