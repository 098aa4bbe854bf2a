// What an operator's other tools do next to a ledger: rotate its log, and keep backups on its disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string said_in(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class LedgerOperations : public testing::Test {
 protected:
  [[nodiscard]] int back_up(const std::string& reserve) const {
    return run_program({"backup", "--to", to_.string(), "--data", data_.string(), "--disk-reserve", reserve},
                       errors_)
        .exit_code;
  }

  TemporaryDirectory directory_;
  const fs::path data_ = directory_.path() / "data";
  const fs::path to_ = directory_.path() / "backups";
  const fs::path errors_ = directory_.path() / "errors";
};

// Does what logrotate does: renames the file, and then sends SIGHUP.
TEST_F(LedgerOperations, ReopenLogFileOnSighup) {
  const fs::path log = directory_.path() / "ledger.log";
  ServedLedger ledger(data_, 0, {"--log-file", log.string()});
  const std::string before = said_in(log);
  fs::rename(log, directory_.path() / "ledger.log.1");
  ASSERT_EQ(kill(ledger.pid(), SIGHUP), 0);
  while (!fs::exists(log) || !said_in(log).ends_with("the log file was opened again\n"))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(said_in(directory_.path() / "ledger.log.1"), before);
  EXPECT_EQ(ledger.terminate(), 0);
}

TEST_F(LedgerOperations, RefuseBackupThatWouldUseReservedSpace) {
  {
    ServedLedger ledger(data_);
    ASSERT_EQ(run_program({"product", "register", "A", "--server", ledger.address()}).exit_code, 0);
    ASSERT_EQ(ledger.terminate(), 0);
  }
  EXPECT_EQ(back_up("1000TB"), 1);
  EXPECT_THAT(said_in(errors_),
              AllOf(HasSubstr("not enough space for a backup in " + to_.string() +
                              ", on the ledger's own disk: it needs"),
                    MatchesRegex(".* [0-9]+ MB are free, and 1048576000 MB must stay free; .*\n")));
  EXPECT_EQ(run_program({"backup", "list", to_.string(), "--json"}).out, "");
  EXPECT_EQ(back_up("0"), 0) << said_in(errors_);
  EXPECT_THAT(run_program({"backup", "list", to_.string(), "--json"}).out, HasSubstr(R"("backup":1,)"));
}

}  // namespace
}  // namespace stockfold
