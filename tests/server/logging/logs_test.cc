// What the server logs, and that no client can write lines of its own into the log.
#include "server/logging/logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "support/file_size_limit.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

class Logs : public testing::Test {
 protected:
  ~Logs() override {
    EXPECT_TRUE(start_logs({}));  // later tests do not log into the file
  }

  void start(LogOptions options) {
    options.file = file_;
    ASSERT_TRUE(start_logs(options));
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    for (const char* logger : {"stockfold", "access"}) {
      if (const auto found = spdlog::get(logger)) found->flush();
    }
    std::vector<std::string> lines;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "ledger.log";
};

constexpr const char* kInjection =
    "gone\n[2026-01-01 00:00:00.000] [stockfold] [info] \x1b[2J\x7f \"\\ \xc2\x9b";

TEST_F(Logs, AreLinesOfText) {
  start({});
  spdlog::warn("{} connections", 3);
  EXPECT_THAT(lines(), testing::ElementsAre(MatchesRegex(
                           R"(\[[-0-9]{10} [0-9:]{8}\.[0-9]{3}\] \[stockfold\] \[warning\] 3 connections)")));
}

TEST_F(Logs, AreJsonObjectsInJsonFormat) {
  start({.format = LogFormat::json});
  spdlog::warn("käse \"x\"");
  EXPECT_THAT(
      lines(),
      testing::ElementsAre(MatchesRegex(
          R"(\{"time":"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z","level":"warn","message":"käse \\"x\\""\})")));
}

TEST_F(Logs, EscapeInjectedLinesInText) {
  start({});
  spdlog::info("{}", kInjection);
  ASSERT_THAT(lines(), SizeIs(1));
  EXPECT_THAT(lines().front(), EndsWith(R"([stockfold] [info] gone\x0a[2026-01-01 00:00:00.000] [stockfold] )"
                                        R"([info] \x1b[2J\x7f "\x5c \xc2\x9b)"));
}

TEST_F(Logs, EscapeInjectedLinesInJson) {
  start({.format = LogFormat::json});
  spdlog::info("{}", kInjection);
  spdlog::info("no text: {}", "\xff\xfe");
  ASSERT_THAT(lines(), SizeIs(2));
  EXPECT_THAT(lines().front(), EndsWith(R"("message":"gone\u000a[2026-01-01 00:00:00.000] [stockfold] )"
                                        R"([info] \u001b[2J\u007f \"\\ )"
                                        "\xc2\x9b\"}"));
  EXPECT_THAT(lines().back(), EndsWith(R"("message":"no text: \u00ff\u00fe"})"));
}

TEST_F(Logs, OmitMessagesBelowTheirLevel) {
  start({.level = LogLevel::error, .access = true});
  spdlog::warn("not said");
  spdlog::error("said");
  EXPECT_FALSE(logs_access()) << "requests are of level info";
  EXPECT_THAT(lines(), testing::ElementsAre(EndsWith("said")));
}

TEST_F(Logs, IncludeRequestsOnlyWhenEnabled) {
  start({});
  EXPECT_FALSE(logs_access());
  log_access({.client = "::1", .method = "GET", .target = "/", .status = 200});
  EXPECT_THAT(lines(), SizeIs(0));
}

constexpr AccessLine kRequest{.client = "127.0.0.1",
                              .method = "GET",
                              .target = "/\r\nx\"",
                              .status = 404,
                              .bytes = 12,
                              .taken = std::chrono::microseconds(1'500)};

TEST_F(Logs, IncludeRequestsAsText) {
  start({.access = true});
  log_access(kRequest);
  EXPECT_THAT(lines(),
              testing::ElementsAre(EndsWith(R"([access] [info] 127.0.0.1 GET /\x0d\x0ax" 404 12 0.001500)")));
}

TEST_F(Logs, IncludeRequestsAsJson) {
  start({.format = LogFormat::json, .access = true});
  log_access(kRequest);
  EXPECT_THAT(lines(),
              testing::ElementsAre(AllOf(
                  HasSubstr(R"(Z","level":"info","message":"access","client":"127.0.0.1","method":"GET",)"),
                  EndsWith(R"("target":"/\u000d\u000ax\"","status":404,"bytes":12,"seconds":0.001500})"))));
}

TEST_F(Logs, RotateFilesAndKeepConfiguredNumber) {
  start({.rotate_bytes = 1'024, .keep = 2});
  for (int line = 0; line < 100; ++line) spdlog::info("a line of some length: {}", line);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    EXPECT_LE(entry.file_size(), 1'024U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3U);
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / "ledger.1.log"));
}

TEST_F(Logs, NameFileThatCannotBeOpened) {
  std::ofstream(directory_.path() / "file").put('x');
  const auto started = start_logs({.file = directory_.path() / "file" / "ledger.log"});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("file/ledger.log"));
}

TEST_F(Logs, StartNewLineAfterTruncatedLine) {
  std::ofstream(file_) << "whole\ncut";
  start({});
  spdlog::info("whole again");
  EXPECT_THAT(lines(), testing::ElementsAre("whole", "cut", EndsWith("whole again")));
}

TEST_F(Logs, AreWholeLinesAgainOnceDiskHasSpace) {
  start({.format = LogFormat::json});
  spdlog::info("before");
  {
    const FileSizeLimit limit(std::filesystem::file_size(file_) + 10);
    spdlog::info("cut");
    spdlog::info("lost");
  }
  spdlog::info("after");
  spdlog::info("and more");
  EXPECT_THAT(lines(),
              testing::ElementsAre(EndsWith(R"("message":"before"})"), R"({"time":"2)",
                                   EndsWith(R"("message":"after"})"), EndsWith(R"("message":"and more"})")));
}

// Does what logrotate does: renames the file, and sends SIGHUP to the program.
TEST_F(Logs, ContinueInNewFileAfterReopen) {
  start({});
  spdlog::info("first");
  std::filesystem::rename(file_, directory_.path() / "ledger.log-20260101");
  spdlog::info("second");
  reopen_log_file();
  spdlog::info("third");
  EXPECT_THAT(lines(), testing::ElementsAre(EndsWith("the log file was opened again"), EndsWith("third")));
  file_ = directory_.path() / "ledger.log-20260101";
  EXPECT_THAT(lines(), testing::ElementsAre(EndsWith("first"), EndsWith("second")));
}

TEST_F(Logs, ContinueInOldFileWhenReopenFails) {
  start({});
  std::filesystem::rename(file_, directory_.path() / "old");
  std::filesystem::create_directory(file_);
  reopen_log_file();
  file_ = directory_.path() / "old";
  EXPECT_THAT(lines(), testing::ElementsAre(HasSubstr("the log stays in its old file")));
}

TEST_F(Logs, KeepRotatedFilesWhenNoFileCanBeOpened) {
  start({.rotate_bytes = 256, .keep = 3});
  const auto log_lines = [] {
    for (int line = 0; line < 40; ++line) spdlog::info("a line of some length: {}", line);
  };
  log_lines();
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = files.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  log_lines();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  for (const char* name : {"ledger.1.log", "ledger.2.log", "ledger.3.log"}) {
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / name)) << name;
  }
}

}  // namespace
}  // namespace stockfold
