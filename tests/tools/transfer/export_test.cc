// A log written out as lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "storage/golden.h"
#include "tools/load/traffic.h"
#include "tools/transfer/export_log.h"
#include "tools/transfer/exported.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ExportedLogTest : public testing::Test {
 protected:
  ExportedLogTest() { play_everything(traffic_); }

  Traffic traffic_;
};

TEST_F(ExportedLogTest, MatchesGoldenFile) {
  const auto path = golden_path("exports/log-1.jsonl");
  const std::string text = exported(traffic_.log());
  if (!std::filesystem::exists(path) && writes_golden()) write_bytes(path, text);
  ASSERT_EQ(with_sentences_of_today(read_bytes(path)), text)
      << "the export has changed; STOCKFOLD_WRITE_GOLDEN=1 writes it again";
  const Outcome imported = import_text(text);
  ASSERT_NE(imported.log, nullptr) << imported.wrong;
  EXPECT_EQ(imported.log->head(), traffic_.log().head());
}

TEST_F(ExportedLogTest, ContainsEveryEventTypeAndRecordedRefusal) {
  std::set<EventType> types;
  std::set<Rule> rules;
  const auto commits = traffic_.log().read(GlobalPosition(1));
  while (const auto commit = commits->next().value()) {
    for (const RecordedEvent& event : commit->events) {
      types.insert(type_of(event.event));
      if (const auto* refused = std::get_if<CommandRefused>(&event.event))
        rules.insert(refused->refusal.rule);
    }
  }
  EXPECT_EQ(types.size(), static_cast<std::size_t>(EventType::command_refused));
  EXPECT_EQ(rules.size(), static_cast<std::size_t>(Rule::version_conflict))
      << "those after it have no record";
}

TEST_F(ExportedLogTest, HasOneLinePerEventBetweenHeaderAndEnd) {
  const auto lines = split(exported(traffic_.log()));
  const Head head = traffic_.log().head();
  ASSERT_EQ(lines.size(), head.position.value() + 2);
  EXPECT_EQ(lines.front(),
            R"({"format":"stockfold log 1","ledger":"01020300-0000-0000-0000-000000000000","epoch":1,)"
            R"("created":"2026-01-02T03:03:20.001Z","checksum":"2b243b0ca42de40f"})");
  for (std::size_t position = 1; position <= head.position.value(); ++position) {
    EXPECT_THAT(lines[position], StartsWith(R"({"position":)" + std::to_string(position) + ","));
  }
  EXPECT_EQ(lines.back(), R"({"end":27,"hash":")" + to_hex(head.hash) + "\"}");
}

TEST_F(ExportedLogTest, MarksWhereCommitsBeginAndEnd) {
  const auto lines = split(exported(traffic_.log()));
  EXPECT_THAT(lines[4], HasSubstr(R"("commit":{"epoch":1,"events":3})"));
  EXPECT_THAT(lines[4], Not(HasSubstr("commit_hash")));
  EXPECT_THAT(lines[5], Not(HasSubstr(R"("commit)")));
  EXPECT_THAT(lines[6], Not(HasSubstr(R"("commit":)")));
  const auto commits = traffic_.log().read(GlobalPosition(4));
  EXPECT_THAT(lines[6], HasSubstr(R"("commit_hash":")" + to_hex(commits->next().value()->hash) + "\"}"));
}

TEST_F(ExportedLogTest, EndsWithCommitContainingLastPosition) {
  EXPECT_THAT(split(exported(traffic_.log(), GlobalPosition(4))).back(), StartsWith(R"({"end":6,)"));
  EXPECT_THAT(split(exported(traffic_.log(), GlobalPosition(6))).back(), StartsWith(R"({"end":6,)"));
  const Outcome imported = import_text(exported(traffic_.log(), GlobalPosition(4)));
  ASSERT_NE(imported.log, nullptr) << imported.wrong;
  EXPECT_EQ(imported.log->head().position, GlobalPosition(6));
}

TEST(EmptyExport, EndsWithTheGenesisHash) {
  const MemoryLog log(LedgerId{{7}});
  const std::string text = exported(log);
  EXPECT_EQ(split(text).back(), R"({"end":0,"hash":")" + to_hex(log.head().hash) + "\"}");
  const Outcome imported = import_text(text);
  ASSERT_NE(imported.log, nullptr) << imported.wrong;
  EXPECT_EQ(exported(*imported.log), text);
}

TEST(ExportedEvent, FitsLineLimitAtLargestSize) {
  std::vector<StockedLine> stocked;
  Lines lines;
  for (std::size_t i = 0; i < kMaxLines; ++i) {
    const std::string number = std::to_string(10'000 + i);
    const Sku product = sku(number + std::string(Sku::kMaxBytes - number.size(), 'x'));
    stocked.push_back({product, kMaxQuantity, kMaxUnits, StreamVersion(UINT64_MAX)});
    lines.push_back({product, kMaxQuantity});
  }
  const OrderId order = order_id(std::string(OrderId::kMaxBytes, 'x'));
  const std::string reason(kMaxReasonBytes, '\1');  // six characters each
  const Refusal refusal{.rule = Rule::version_conflict,
                        .subject = StreamId::of(order),
                        .state = Order{OrderStatus::in_progress, lines, StreamVersion(UINT64_MAX), {}, ""},
                        .actual = StreamVersion(UINT64_MAX),
                        .detail = std::string(kMaxDetailBytes, '\1')};
  for (const Event& event : {Event(OrderAborted{order, false, stocked, reason}),
                             Event(CommandRefused{CommandKind::abort_order, refusal})}) {
    const bool is_refusal = std::holds_alternative<CommandRefused>(event);
    const ExportedEvent exported{
        .event = {GlobalPosition(UINT64_MAX), UnixMillis(0), StreamVersion(is_refusal ? 0 : UINT64_MAX),
                  CommandIdentity{}, std::string(kMaxActorBytes, '\1'), event},
        .commit = CommitStart{Epoch(UINT32_MAX), UINT32_MAX},
        .commit_hash = CommitHash{}};
    std::string line = line_of(exported);
    EXPECT_LE(line.size(), kMaxExportLineBytes / 2) << "there is room for more";
    line.pop_back();
    const auto parsed = parse_export_line(line);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(std::get<ExportedEvent>(*parsed).event, exported.event) << "numbers are exact";
  }
}

TEST(Export, StopsWhenWritingFails) {
  const MemoryLog log(LedgerId{{7}});
  const Head head = log.head();
  int lines = 0;
  const auto full = [&lines](std::string_view) -> Result<void> {
    if (++lines == 2) return std::unexpected(Fault{FaultKind::io, "no space left", {}});
    return {};
  };
  const auto written = export_log({head.ledger, head.epoch, log.created()}, *log.read(GlobalPosition(1)),
                                  GlobalPosition(0), full);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().what, "no space left");
}

}  // namespace
}  // namespace stockfold
