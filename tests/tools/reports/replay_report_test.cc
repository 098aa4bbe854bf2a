#include "tools/reports/replay_report.h"

#include <gtest/gtest.h>

namespace stockfold {
namespace {

const Sku kMug = Sku::parse("mug").value();

/// One product, and one order that was drafted and placed.
Replay example() {
  const OrderId order = OrderId::parse("1").value();
  Commit commit;
  commit.hash.bytes.fill(0xAB);
  commit.events.push_back(
      {GlobalPosition(1), {}, StreamVersion(1), {}, "", ProductRegistered{kMug, "A mug", 5}});
  commit.events.push_back(
      {GlobalPosition(2), {}, StreamVersion(1), {}, "", OrderDrafted{order, {{kMug, 1}}}});
  commit.events.push_back({GlobalPosition(3),
                           {},
                           StreamVersion(2),
                           {},
                           "",
                           OrderPlaced{order, {{kMug, 1, 4, StreamVersion(2)}}}});
  Replay replay;
  EXPECT_TRUE(replay.fold(commit, GlobalPosition(3)));
  return replay;
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

TEST(ReplayReport, AlignsItsFigures) {
  EXPECT_EQ(text_of(example(), 0.5),
            "position  3\n"
            "hash      " +
                repeated("ab", 32) +
                "\n"
                "commits   1\n"
                "events    3\n"
                "orders    0 draft, 1 in progress, 0 aborted, 0 fulfilled\n"
                "took      0.500 s, 6 events/s");
}

TEST(ReplayReport, IsOneJsonObject) {
  EXPECT_EQ(json_of(example(), 0.5), R"({"position":3,"hash":")" + repeated("ab", 32) +
                                         R"(","commits":1,"events":3,"orders":{"draft":0,"in_progress":1,)"
                                         R"("aborted":0,"fulfilled":0},"seconds":0.500,"events_per_s":6})");
  EXPECT_EQ(json_of(Replay(), 0), R"({"position":0,"hash":null,"commits":0,"events":0,"orders":{"draft":0,)"
                                  R"("in_progress":0,"aborted":0,"fulfilled":0},"seconds":0.000,)"
                                  R"("events_per_s":0})");
}

}  // namespace
}  // namespace stockfold
