// A ledger in a process of its own whose clock cannot be right: its log is from another time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "end_to_end/program.h"
#include "storage/engine/new_store.h"
#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

class WrongClock : public testing::Test {
 protected:
  ProgramResult run(const std::vector<std::string>& arguments) { return run_program(arguments, errors_); }
  [[nodiscard]] std::string said() const { return read_bytes(errors_); }
  ProgramResult ask(const ServedLedger& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server.address()});
    return run(arguments);
  }

  /// A log of one event, which happened this much later than now.
  void given_a_log(std::chrono::milliseconds later) {
    {
      ServedLedger server(directory_.path() / "made");
      ASSERT_EQ(ask(server, {"product", "register", "A", "--stock", "5"}).exit_code, 0);
      ASSERT_EQ(server.terminate(), 0);
    }
    const auto made = rocksdb_engine().open_read_only(directory_.path() / "made");
    ASSERT_TRUE(made.has_value()) << made.error().what;
    const EventLog& log = (*made)->log();
    const Head head = log.head();
    const auto moved = rocksdb_engine().make(data_, {head.ledger, head.epoch, UnixMillis(0)}, {});
    ASSERT_TRUE(moved.has_value()) << moved.error().what;
    Commit commit = *log.read(GlobalPosition(1))->next().value();
    commit.time = UnixMillis(commit.time.value() + later.count());
    for (RecordedEvent& event : commit.events) event.time = commit.time;
    ASSERT_TRUE((*moved)->add(commit).has_value());
    ASSERT_TRUE((*moved)->finish().has_value());
  }

  void expect_refused_until_accepted(const std::string& why) {
    {
      ServedLedger server(data_);
      EXPECT_EQ(ask(server, {"product", "receive", "A", "1"}).exit_code, 1);
      EXPECT_THAT(said(), HasSubstr(why));
      EXPECT_THAT(ask(server, {"product", "receive", "A", "1", "--json"}).out, HasSubstr("\"clock_jumped\""));
      EXPECT_THAT(ask(server, {"product", "show", "A", "--json"}).out, HasSubstr("\"stock\":5"));
      EXPECT_EQ(server.terminate(), 0);
    }
    EXPECT_THAT(read_bytes(directory_.path() / "serve.log"),
                HasSubstr("commands are refused: the clock says"));
    ServedLedger server(data_, 0, {"--accept-clock"});
    EXPECT_EQ(ask(server, {"product", "receive", "A", "1"}).exit_code, 0) << said();
    EXPECT_EQ(server.terminate(), 0);
  }

  TemporaryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
  fs::path errors_ = directory_.path() / "errors";
};

TEST_F(WrongClock, RefusesCommitsBehindLogUntilAccepted) {
  given_a_log(24h * 365);
  expect_refused_until_accepted("s later: this attempt did nothing");
}

TEST_F(WrongClock, RefusesCommitsFarAheadOfLogUntilAccepted) {
  given_a_log(-24h * 100);
  expect_refused_until_accepted("100 days after the last commit: this attempt did nothing");
}

TEST_F(WrongClock, IsAcceptedWhenClockJumpIsUnlimited) {
  given_a_log(24h * 365);
  ServedLedger server(data_, 0, {"--max-clock-jump", "0"});
  EXPECT_EQ(ask(server, {"product", "receive", "A", "1"}).exit_code, 0) << said();
}

}  // namespace
}  // namespace stockfold
