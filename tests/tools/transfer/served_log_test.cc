// The log of a serving ledger, read commit by commit.
#include "tools/transfer/served_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/queries/reads.h"
#include "tools/commands/answering_ledger.h"
#include "tools/load/traffic.h"
#include "tools/transfer/exported.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

class ServedLogTest : public testing::Test {
 protected:
  ServedLogTest() { play_everything(traffic_); }

  /// Pages of four events, so that commits lie across them; `change` may spoil one.
  std::optional<Reply> answer(const Request& request) {
    if (std::holds_alternative<ShowHead>(request)) {
      const Head head = traffic_.log().head();
      return HeadReply{head.ledger, head.epoch, head.position, head.hash, head.time, head.position};
    }
    ReadCommits small = std::get<ReadCommits>(request);
    small.limit = 4;
    CommitsReply reply = read(traffic_.log(), small).value();
    change_(reply);
    return reply;
  }

  /// What is wrong with the log; "" if all of it could be read.
  std::string wrong() {
    const auto client = Client::connect({.port = ledger_.port()}).value();
    const auto log = ServedLog::open(*client);
    if (!log) return log.error().what;
    for (;;) {
      const auto commit = (*log)->next();
      if (!commit) return commit.error().what;
      if (*commit == nullptr) return "";
    }
  }

  Traffic traffic_;
  std::function<void(CommitsReply&)> change_ = [](CommitsReply&) {};
  AnsweringLedger ledger_{[this](const Request& request) { return answer(request); }};
};

TEST_F(ServedLogTest, EqualsTheLogOfTheLedger) {
  const auto client = Client::connect({.port = ledger_.port()}).value();
  const auto log = ServedLog::open(*client).value();
  EXPECT_EQ(log->end(), traffic_.log().head().position);
  std::string lines;
  const auto written = export_log(log->ledger(), *log, log->end(), [&lines](std::string_view line) {
    lines += line;
    return Result<void>();
  });
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_EQ(lines, exported(traffic_.log()));
}

TEST_F(ServedLogTest, RejectsCommitWhoseHashDiffers) {
  change_ = [](CommitsReply& reply) { reply.events.front().actor += "!"; };
  EXPECT_THAT(wrong(), HasSubstr("do not have the hash that the ledger names"));
}

TEST_F(ServedLogTest, RejectsGapsAndIncompleteCommits) {
  change_ = [](CommitsReply& reply) { reply.events.erase(reply.events.begin() + 1); };
  EXPECT_THAT(wrong(), HasSubstr("a gap"));
  change_ = [](CommitsReply& reply) { reply.commits.clear(); };
  EXPECT_THAT(wrong(), HasSubstr("an event of no commit"));
  change_ = [](CommitsReply& reply) { reply.next.reset(); };
  EXPECT_THAT(wrong(), HasSubstr("the log ends within a commit"));
  change_ = [](CommitsReply& reply) {
    if (reply.events.front().position > GlobalPosition(4)) reply.events.clear();
  };
  EXPECT_THAT(wrong(), HasSubstr("no events"));
}

}  // namespace
}  // namespace stockfold
