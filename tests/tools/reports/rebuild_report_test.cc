#include "tools/reports/rebuild_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tools/console/progress.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

RebuiltView same() {
  RebuiltView view{.view = "orders", .position = GlobalPosition(1'000), .rows = 20};
  view.digest.bytes.fill(0xAB);
  view.live = view.digest;
  return view;
}

RebuiltView differing() {
  RebuiltView view = same();
  view.finding = RebuildFinding::differs;
  view.live->bytes.fill(0xCD);
  view.difference = RowDifference{std::string("A\0\1", 3), "old", std::nullopt};
  return view;
}

TEST(RebuildReport, IsTableOfItsViews) {
  EXPECT_EQ(text_of(std::vector{ReportedView{same(), 2.0}}),
            "VIEW    POSITION  ROWS  EVENTS/S  RESULT  DIGEST" + std::string(60, ' ') + "LIVE DIGEST\n" +
                "orders      1000    20       500  same    " +
                "abababababababababababababababababababababababababababababababab  same\n");
}

TEST(RebuildReport, NamesFirstDifferingRow) {
  EXPECT_THAT(text_of(std::vector{ReportedView{differing(), 1.0}}),
              HasSubstr("orders differed and is replaced by the rebuilt view; the first row that differed:\n"
                        "  key      \"A\\x00\\x01\"\n"
                        "  live     \"old\"\n"
                        "  rebuilt  no such row\n"));
}

TEST(RebuildReport, ReportsWhyNothingWasCompared) {
  RebuiltView view = same();
  view.finding = RebuildFinding::nothing;
  view.live.reset();
  view.reason = "it was not built before";
  EXPECT_THAT(text_of(std::vector{ReportedView{view, 1.0}}),
              HasSubstr("orders: nothing to compare, it was not built before\n"));
}

TEST(RebuildReport, PrintsOneJsonObjectPerView) {
  const std::string ab = to_hex(same().digest);
  EXPECT_EQ(json_of(ReportedView{same(), 2.0}),
            R"({"view":"orders","position":1000,"rows":20,"events_per_s":500,"result":"same","digest":")" +
                ab + R"(","live_digest":")" + ab + R"(","first_difference":null,"reason":null})");
  EXPECT_THAT(json_of(ReportedView{differing(), 2.0}),
              HasSubstr(R"("first_difference":{"key":"A\\x00\\x01","live":"old","rebuilt":null})"));
}

TEST(RebuildReport, ExitsWithIntegrityViolatedWhenViewDiffers) {
  EXPECT_EQ(exit_code_of(std::vector{ReportedView{same(), 1.0}}), kDone);
  EXPECT_EQ(exit_code_of(std::vector{ReportedView{same(), 1.0}, ReportedView{differing(), 1.0}}), kUntrusted);
}

TEST(Printable, EscapesNonTextAndTruncatesLongText) {
  EXPECT_EQ(printable("a\\b\n\xFF"), "a\\x5cb\\x0a\\xff");
  std::string cut(120, 'x');
  cut += "... (200 bytes)";
  EXPECT_EQ(printable(std::string(200, 'x')), cut);
}

TEST(Progress, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_text("rebuilding", GlobalPosition(0), GlobalPosition(1'000), GlobalPosition(2'000), 2.0),
            "rebuilding: [##########----------]  50 %  1000 of 2000 events, 500/s, 2 s left");
  EXPECT_EQ(
      progress_text("rebuilding", GlobalPosition(500), GlobalPosition(2'000), GlobalPosition(2'000), 1.0),
      "rebuilding: [####################] 100 %  2000 of 2000 events, 1500/s");
}

}  // namespace
}  // namespace stockfold
