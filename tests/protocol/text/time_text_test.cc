#include "protocol/text/time_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace stockfold {
namespace {

constexpr UnixMillis kSampleTime(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z

TEST(TimeText, WritesHttpDates) {
  EXPECT_EQ(http_date(UnixMillis(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110's example
  EXPECT_EQ(http_date(UnixMillis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(UnixMillis(1'709'251'199'000)), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(TimeText, AcceptsOptionalFraction) {
  EXPECT_EQ(parse_rfc3339("2026-01-02T03:04:05.678Z"), kSampleTime);
  EXPECT_EQ(parse_rfc3339("2026-01-02T03:04:05Z"), UnixMillis(1'767'323'045'000));
  EXPECT_EQ(parse_rfc3339("2026-01-02T03:04:05.6Z"), UnixMillis(1'767'323'045'600));
  EXPECT_EQ(parse_rfc3339("2026-01-02T03:04:05.678999999Z"), kSampleTime);
  EXPECT_EQ(parse_rfc3339("2026-01-02 03:04:05.678z"), kSampleTime);
}

TEST(TimeText, AcceptsOffset) {
  EXPECT_EQ(parse_rfc3339("2026-01-02T04:34:05.678+01:30"), kSampleTime);
  EXPECT_EQ(parse_rfc3339("2026-01-01T23:04:05.678-04:00"), kSampleTime);
}

TEST(TimeText, ChecksTheCalendar) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), UnixMillis(0));
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999Z"), UnixMillis(-1));
  EXPECT_TRUE(parse_rfc3339("2028-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-02-29T00:00:00Z"));
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(TimeText, RejectsOtherForms) {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-01-02",
                           "2026-01-02T03:04:05",
                           "2026-01-02T03:04Z",
                           "2026-13-02T03:04:05Z",
                           "2026-00-02T03:04:05Z",
                           "2026-01-32T03:04:05Z",
                           "2026-01-02T24:04:05Z",
                           "2026-01-02T03:60:05Z",
                           "2026-01-02T03:04:61Z",
                           "2026-01-02T03:04:61.678Z",
                           "2026-13-02T03:04:05.678Z",
                           "2026-01-02T03:04:05.Z",
                           "2026-01-02T03:04:05.678Z ",
                           "26-01-02T03:04:05Z",
                           "2026-01-02T03:04:05+1:00",
                           "2026-01-02T03:04:05+24:00",
                           "2026-1-2T03:04:05Z",
                           "2026-01-02T03:04:05ZZ",
                           "-026-01-02T03:04:05Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

RC_GTEST_PROP(TimeText, ReadsBackAsWritten, ()) {
  constexpr std::int64_t kEndOfYear9999 = 253'402'300'800'000;
  const UnixMillis time(*rc::gen::inRange<std::int64_t>(0, kEndOfYear9999));
  RC_ASSERT(parse_rfc3339(rfc3339(time)) == time);
}

}  // namespace
}  // namespace stockfold
