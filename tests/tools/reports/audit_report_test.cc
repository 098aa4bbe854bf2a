#include "tools/reports/audit_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stockfold {
namespace {

using testing::HasSubstr;

TEST(AuditJson, HasEveryMemberWhenStoreDoesNotOpen) {
  AuditReport report;
  report.violations.push_back({FaultKind::corruption, "bytes are gone", GlobalPosition(7)});
  EXPECT_EQ(
      json_of(report),
      R"({"ok":false,"ledger":null,"epoch":null,"position":null,"head":null,"commits":null,"events":null,)"
      R"("products":null,"orders":null,"open_orders":null,"command_ids":null,"refusals":null,)"
      R"("views":null,"continues":[],"torn_tail":null,)"
      R"("violations":[{"position":7,"what":"bytes are gone"}],"seconds":0E0})");
}

TEST(AuditJson, ContainsHeadAndFiguresOfSoundLog) {
  AuditReport report;
  report.head = Head{.epoch = Epoch(2), .position = GlobalPosition(7)};
  report.figures = AuditFigures{.commits = 3, .events = 7};
  EXPECT_THAT(json_of(report), HasSubstr(R"("epoch":2,"position":7,"head":"0000)"));
  EXPECT_THAT(json_of(report), HasSubstr(R"("commits":3,"events":7,"products":0,)"));
}

}  // namespace
}  // namespace stockfold
