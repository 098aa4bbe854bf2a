#include "server/tcp/reply_order.h"

#include <gtest/gtest.h>

#include <string>

namespace stockfold {
namespace {

TEST(ReplyOrder, SendsAReplyAtOnceIfNoCommandWaits) {
  ReplyOrder order;
  std::string out = "earlier ";
  order.place_in(out) += "now";
  EXPECT_EQ(out, "earlier now");
  EXPECT_EQ(order.owed(), 0U);
}

TEST(ReplyOrder, KeepsARepliesPlaceBehindTheCommandsBeforeIt) {
  ReplyOrder order;
  std::string out;
  order.queued(1);
  order.queued(2);
  order.place_in(out) += "third ";
  order.place_in(out) += "fourth";
  order.queued(5);
  order.place_in(out) += "sixth";
  EXPECT_EQ(out, "");
  EXPECT_EQ(order.owed(), 6U);
  EXPECT_EQ(order.oldest().request, 1U);
  EXPECT_EQ(order.answered(), "");
  EXPECT_EQ(order.oldest().request, 2U);
  EXPECT_EQ(order.answered(), "third fourth");
  EXPECT_EQ(order.owed(), 2U);
  EXPECT_EQ(order.oldest().request, 5U);
  EXPECT_EQ(order.answered(), "sixth");
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(order.owed(), 0U);
}

TEST(ReplyOrder, CountsSixteenCommandsOfABatchAsOne) {
  ReplyOrder order;
  order.queued(1);
  order.queued_batch(2, 1);
  order.queued_batch(3, 17);
  EXPECT_EQ(order.owed(), 4U);
  EXPECT_EQ(order.answered(), "");
  EXPECT_EQ(order.oldest().commands, 1U);
  EXPECT_TRUE(order.oldest().is_batch);
  EXPECT_EQ(order.answered(), "");
  EXPECT_EQ(order.oldest().commands, 17U);
  EXPECT_EQ(order.owed(), 2U);
  EXPECT_EQ(order.answered(), "");
  EXPECT_EQ(order.owed(), 0U);
}

TEST(ReplyOrder, GoesOnAfterAllWasAnswered) {
  ReplyOrder order;
  std::string out;
  for (std::uint64_t round = 0; round < 3; ++round) {
    order.queued(round);
    order.place_in(out) += "behind";
    EXPECT_EQ(order.answered(), "behind");
    order.place_in(out) += '.';
  }
  EXPECT_EQ(out, "...");
}

}  // namespace
}  // namespace stockfold
