// Movements by the days of a time zone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "projections/history.h"
#include "protocol/text/time_text.h"
#include "server/queries/reads.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Day date(std::string_view text) { return parse_date(text).value(); }

class ZoneMovements : public testing::Test {
 protected:
  /// Receives units of product A at a time.
  void given_received(std::string_view time, Quantity units) {
    history_.set_time(*parse_rfc3339(time));
    if (history_.events().empty()) history_.happens(RegisterProduct{sku("A"), "", 0});
    history_.happens(ReceiveStock{sku("A"), units, ""});
  }

  Reply when_asked(ReadZoneMovements request) {
    catch_up(history_, store_);
    auto reply = read(Views(store_), request);
    EXPECT_TRUE(reply) << reply.error().what;
    return reply.value_or(ErrorReply{});
  }
  ZoneMovementsReply when_read(ReadZoneMovements request) {
    request.sku = sku("A");
    auto reply = when_asked(std::move(request));
    const auto* error = std::get_if<ErrorReply>(&reply);
    EXPECT_EQ(error, nullptr) << error->detail;
    return error == nullptr ? std::get<ZoneMovementsReply>(std::move(reply)) : ZoneMovementsReply{};
  }
  /// "DATE: units received", for every day.
  std::vector<std::string> when_read_in(std::string zone) {
    return lines_of(when_read({.zone = std::move(zone)}));
  }
  static std::vector<std::string> lines_of(const ZoneMovementsReply& page) {
    std::vector<std::string> lines;
    for (const ZoneDayMovements& row : page.rows) {
      lines.push_back(date_text(row.day) + ": " + std::to_string(row.sums.received));
    }
    return lines;
  }
  std::string error_for(std::string zone) {
    auto reply = when_asked({.sku = sku("A"), .zone = std::move(zone)});
    const auto* error = std::get_if<ErrorReply>(&reply);
    if (error == nullptr) return "no error";
    EXPECT_EQ(error->code, ErrorCode::invalid_argument);
    EXPECT_FALSE(error->closing);
    return error->detail;
  }

  History history_;
  MemoryViewStore store_{view_names()};
};

TEST_F(ZoneMovements, AreSummedOnDayOf23Hours) {
  given_received("2026-03-28T22:59:59.999Z", 1);
  given_received("2026-03-28T23:00:00Z", 2);
  given_received("2026-03-29T21:59:59.999Z", 4);
  given_received("2026-03-29T22:00:00Z", 8);
  const ZoneMovementsReply page = when_read({.zone = "Europe/Berlin"});
  EXPECT_THAT(lines_of(page), ElementsAre("2026-03-28: 1", "2026-03-29: 6", "2026-03-30: 8"));
  EXPECT_EQ(rfc3339(page.rows[1].begin), "2026-03-28T23:00:00.000Z");
  EXPECT_EQ(rfc3339(page.rows[1].end), "2026-03-29T22:00:00.000Z");
  EXPECT_EQ(page.rows[1].sums.events, 2U);
  EXPECT_EQ(page.zone, "Europe/Berlin");
  EXPECT_EQ(page.next, std::nullopt);
  EXPECT_EQ(page.as_of, history_.head());
}

TEST_F(ZoneMovements, AreSummedOnDayOf25Hours) {
  given_received("2026-10-24T21:59:59Z", 1);
  given_received("2026-10-24T22:00:00Z", 2);
  given_received("2026-10-25T00:30:00Z", 4);
  given_received("2026-10-25T01:30:00Z", 8);  // 02:30 for the second time
  given_received("2026-10-25T22:59:59Z", 16);
  given_received("2026-10-25T23:00:00Z", 32);
  EXPECT_THAT(when_read_in("Europe/Berlin"),
              ElementsAre("2026-10-24: 1", "2026-10-25: 30", "2026-10-26: 32"));
}

TEST_F(ZoneMovements, TakeOffsetsOfHalfAndQuarterHours) {
  given_received("2026-05-01T18:14:59.999Z", 1);
  given_received("2026-05-01T18:15:00Z", 2);
  given_received("2026-05-01T18:29:59.999Z", 4);
  given_received("2026-05-01T18:30:00Z", 8);
  EXPECT_THAT(when_read_in("Asia/Kathmandu"), ElementsAre("2026-05-01: 1", "2026-05-02: 14"));
  EXPECT_THAT(when_read_in("Asia/Kolkata"), ElementsAre("2026-05-01: 7", "2026-05-02: 8"));
  EXPECT_THAT(when_read_in("UTC"), ElementsAre("2026-05-01: 15"));
}

TEST_F(ZoneMovements, ShiftByHalfAnHourOnLordHowe) {
  given_received("2026-10-03T13:29:59Z", 1);
  given_received("2026-10-03T13:30:00Z", 2);
  given_received("2026-10-04T12:59:59Z", 4);
  given_received("2026-10-04T13:00:00Z", 8);
  EXPECT_THAT(when_read_in("Australia/Lord_Howe"),
              ElementsAre("2026-10-03: 1", "2026-10-04: 6", "2026-10-05: 8"));
}

TEST_F(ZoneMovements, BeginDayWithoutMidnightAtItsFirstInstant) {
  given_received("2026-03-28T21:59:59Z", 1);
  given_received("2026-03-28T22:00:00Z", 2);  // 01:00 in Beirut
  EXPECT_THAT(when_read_in("Asia/Beirut"), ElementsAre("2026-03-28: 1", "2026-03-29: 2"));
}

TEST_F(ZoneMovements, CountEveryKindOfMovement) {
  history_.set_time(*parse_rfc3339("2026-05-01T12:00:00Z"));
  history_.happens(RegisterProduct{sku("A"), "", 20});
  history_.happens(PlaceOrder{order_id("1"), {{sku("A"), 3}}});
  history_.happens(PlaceOrder{order_id("2"), {{sku("A"), 4}}});
  history_.set_time(*parse_rfc3339("2026-05-01T12:15:00Z"));
  history_.happens(AbortOrder{order_id("1"), ""});
  history_.happens(FulfilOrder{order_id("2"), ""});
  history_.happens(WriteOffStock{sku("A"), 2, ""});
  const ZoneMovementsReply page = when_read({.zone = "Europe/Berlin"});
  ASSERT_EQ(page.rows.size(), 1U);
  const MovementSums expected{
      .placed = 7, .aborted = 3, .fulfilled = 4, .received = 20, .written_off = 2, .events = 6};
  EXPECT_EQ(page.rows[0].sums, expected);
  EXPECT_EQ(page.rows[0].sums.on_hand_change(), 14);
}

TEST_F(ZoneMovements, ArePagedByLocalDays) {
  for (int day = 1; day <= 5; ++day) {
    given_received("2026-05-0" + std::to_string(day) + "T23:00:00Z", static_cast<Quantity>(day));
    given_received("2026-05-0" + std::to_string(day) + "T23:30:00Z", 10);
  }
  ReadZoneMovements request{
      .zone = "Europe/Berlin", .from = date("2026-05-03"), .to = date("2026-05-05"), .limit = 2};
  const ZoneMovementsReply first = when_read(request);
  EXPECT_THAT(lines_of(first), ElementsAre("2026-05-03: 12", "2026-05-04: 13"));
  EXPECT_EQ(first.next, date("2026-05-05"));
  request.from = first.next;
  const ZoneMovementsReply second = when_read(request);
  EXPECT_THAT(lines_of(second), ElementsAre("2026-05-05: 14"));
  EXPECT_EQ(second.next, std::nullopt);
  request.from = date("2026-05-07");
  EXPECT_THAT(lines_of(when_read(request)), IsEmpty());
  request = {.zone = "Europe/Berlin", .from = Day(4'294'967'295U), .to = Day(4'294'967'295U)};
  EXPECT_THAT(lines_of(when_read(request)), IsEmpty());
}

TEST_F(ZoneMovements, SayWhetherThereIsTheProduct) {
  given_received("2026-05-01T12:00:00Z", 1);
  EXPECT_TRUE(when_read({.zone = "UTC", .from = date("2030-01-01")}).is_known);
  EXPECT_FALSE(std::get<ZoneMovementsReply>(when_asked({.sku = sku("B"), .zone = "UTC"})).is_known);
}

TEST_F(ZoneMovements, UnknownZoneIsNamed) {
  EXPECT_EQ(error_for("Europe/Atlantis"),
            "zone: there is no time zone \"Europe/Atlantis\": give an IANA name such as Europe/Berlin");
  EXPECT_THAT(error_for(""), HasSubstr("there is no time zone \"\""));
}

TEST_F(ZoneMovements, DaysOffTheQuarterOfAnHourAreRefused) {
  history_.set_time(*parse_rfc3339("1971-06-01T12:00:00Z"));
  history_.happens(RegisterProduct{sku("A"), "", 1});
  EXPECT_EQ(error_for("Africa/Monrovia"),
            "zone: a day of Africa/Monrovia does not begin or end at a quarter of an hour: 1971-06-01; "
            "movements are summed by quarters of an hour of UTC");
}

/// The local date of a time, as the C library has it.
std::string local_date(std::string_view zone, UnixMillis time) {
  setenv("TZ", std::string(zone).c_str(), 1);
  tzset();
  const std::time_t seconds = time.value() / 1'000;
  std::tm there{};
  localtime_r(&seconds, &there);
  unsetenv("TZ");
  tzset();
  std::array<char, 11> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &there);
  return text.data();
}

RC_GTEST_PROP(ZoneMovementsModel, BucketsEventsByLocalDate, ()) {
  const auto zone = *rc::gen::element<std::string>(
      "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Asia/Kolkata",
      "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "America/Havana", "UTC");
  History history;
  std::map<std::string, std::uint64_t> model;
  std::int64_t time = 1'767'225'600'000 + *rc::gen::inRange<std::int64_t>(0, 31'536'000'000);
  history.set_time(UnixMillis(time));
  history.happens(RegisterProduct{sku("A"), "", 0});
  const int events = *rc::gen::inRange(1, 60);
  for (int i = 0; i < events; ++i) {
    time += *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 3'600'000),
                            rc::gen::inRange<std::int64_t>(0, 400'000'000));
    history.set_time(UnixMillis(time));
    const auto units = *rc::gen::inRange<Quantity>(1, 100);
    history.happens(ReceiveStock{sku("A"), units, ""});
    model[local_date(zone, UnixMillis(time))] += units;
  }
  MemoryViewStore store(view_names());
  catch_up(history, store);

  std::map<std::string, std::uint64_t> found;
  ReadZoneMovements request{.sku = sku("A"), .zone = zone, .limit = *rc::gen::inRange(1U, 10U)};
  do {
    const auto page = std::get<ZoneMovementsReply>(read(Views(store), request).value());
    for (const ZoneDayMovements& row : page.rows) {
      RC_ASSERT(found.emplace(date_text(row.day), row.sums.received).second);
    }
    request.from = page.next;
  } while (request.from);
  RC_ASSERT(found == model);
}

}  // namespace
}  // namespace stockfold
