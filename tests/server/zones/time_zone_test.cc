#include "server/zones/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

TimeZone zone(std::string_view name) {
  auto found = TimeZone::named(name);
  EXPECT_TRUE(found) << name;
  return *std::move(found);
}

Day day(std::string_view text) { return parse_date(text).value(); }

/// When a day begins in a zone.
std::string begin(std::string_view of, std::string_view date) {
  return rfc3339(zone(of).begin_of(day(date)));
}

double hours(std::string_view of, std::string_view date) {
  const TimeZone there = zone(of);
  const auto millis = there.begin_of(day(date).next()).value() - there.begin_of(day(date)).value();
  return static_cast<double>(millis) / 3'600'000;
}

TEST(TimeZone, HasDaysOf23And25Hours) {
  EXPECT_EQ(begin("Europe/Berlin", "2026-03-29"), "2026-03-28T23:00:00.000Z");
  EXPECT_EQ(hours("Europe/Berlin", "2026-03-28"), 24);
  EXPECT_EQ(hours("Europe/Berlin", "2026-03-29"), 23);
  EXPECT_EQ(hours("Europe/Berlin", "2026-10-25"), 25);
  EXPECT_EQ(hours("Europe/Berlin", "2026-10-26"), 24);
}

TEST(TimeZone, KeepsItsRulesAfter2037) {
  EXPECT_EQ(hours("Europe/Berlin", "2060-03-28"), 23);
  EXPECT_EQ(hours("Europe/Berlin", "2060-10-31"), 25);
}

TEST(TimeZone, TakesOffsetsOfHalfAndQuarterHours) {
  EXPECT_EQ(begin("Asia/Kolkata", "2026-05-01"), "2026-04-30T18:30:00.000Z");
  EXPECT_EQ(begin("Asia/Kathmandu", "2026-05-01"), "2026-04-30T18:15:00.000Z");
  EXPECT_EQ(begin("Pacific/Chatham", "2026-07-01"), "2026-06-30T11:15:00.000Z");
}

TEST(TimeZone, ShiftsByHalfAnHourOnLordHowe) {
  EXPECT_EQ(hours("Australia/Lord_Howe", "2026-04-05"), 24.5);
  EXPECT_EQ(hours("Australia/Lord_Howe", "2026-10-04"), 23.5);
}

TEST(TimeZone, BeginsDayWithoutMidnightAtItsFirstInstant) {
  EXPECT_EQ(begin("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00.000Z");
  EXPECT_EQ(hours("America/Sao_Paulo", "2018-11-04"), 23);
  EXPECT_EQ(begin("Asia/Beirut", "2026-03-29"), "2026-03-28T22:00:00.000Z");
  EXPECT_EQ(hours("Asia/Beirut", "2026-03-29"), 23);
}

TEST(TimeZone, GivesSkippedDayNoTime) {
  EXPECT_EQ(hours("Pacific/Apia", "2011-12-30"), 0);
  EXPECT_EQ(zone("Pacific/Apia").day_at(*parse_rfc3339("2011-12-30T09:59:59.999Z")), day("2011-12-29"));
  EXPECT_EQ(zone("Pacific/Apia").day_at(*parse_rfc3339("2011-12-30T10:00:00Z")), day("2011-12-31"));
}

TEST(TimeZone, BeginsDayAtFirstOfTwoMidnights) {
  // At 00:01 clocks went back to 23:01.
  EXPECT_EQ(begin("America/St_Johns", "2010-11-07"), "2010-11-07T02:30:00.000Z");
  EXPECT_EQ(zone("America/St_Johns").day_at(*parse_rfc3339("2010-11-07T02:29:59Z")), day("2010-11-06"));
  EXPECT_EQ(zone("America/St_Johns").day_at(*parse_rfc3339("2010-11-07T03:00:00Z")), day("2010-11-07"));
}

TEST(TimeZone, CountsTimesBefore1970ToFirstDay) {
  EXPECT_EQ(zone("America/New_York").day_at(UnixMillis(0)), Day(0));
  EXPECT_EQ(zone("Europe/Berlin").begin_of(Day(0)), UnixMillis(-3'600'000));
}

TEST(TimeZone, IsFoundByItsNameOnly) {
  for (const char* name : {"Europe/Atlantis", "europe/berlin", "Europe", "Europe/", "localtime", "", " UTC",
                           "/usr/share/zoneinfo/UTC", "Europe/../UTC", "posix/UTC", "tzdata.zi", "zone.tab",
                           "Fixed/UTC+05:00:00", "libc:UTC", "Europe/Berlin\n"}) {
    const auto found = TimeZone::named(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error(), ZoneError::unknown) << name;
  }
  EXPECT_FALSE(TimeZone::named(std::string(10'000, 'A')));
  EXPECT_FALSE(TimeZone::named(std::string_view("UTC\0", 4)));
  for (const char* name : {"UTC", "Etc/GMT+5", "America/Argentina/ComodRivadavia", "America/Port-au-Prince"})
    EXPECT_TRUE(TimeZone::named(name)) << name;
}

/// Sets TZDIR, where the zone data is looked for, until the end of its scope.
class ZoneDirectory {
 public:
  explicit ZoneDirectory(const char* directory) {
    if (const char* named = std::getenv("TZDIR")) before_ = named;
    setenv("TZDIR", directory, 1);
  }
  ~ZoneDirectory() {
    if (before_) {
      setenv("TZDIR", before_->c_str(), 1);
    } else {
      unsetenv("TZDIR");
    }
  }
  ZoneDirectory(const ZoneDirectory&) = delete;
  ZoneDirectory& operator=(const ZoneDirectory&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(TimeZone, SaysWhenMachineHasNoZoneData) {
  const ZoneDirectory nowhere("/nonexistent");
  const auto found = TimeZone::named("Europe/Berlin");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), ZoneError::no_data);
  EXPECT_TRUE(TimeZone::named("UTC"));
}

TEST(ZoneError, NamesZoneAndWhatToDo) {
  EXPECT_EQ(message_of(ZoneError::unknown, "Europe/Atlantis"),
            "there is no time zone \"Europe/Atlantis\": give an IANA name such as Europe/Berlin");
  EXPECT_THAT(message_of(ZoneError::no_data, "Europe/Berlin"),
              AllOf(HasSubstr("Europe/Berlin"), HasSubstr("tzdata")));
}

RC_GTEST_PROP(TimeZone, DividesTimeIntoDays, ()) {
  const TimeZone there = zone(*rc::gen::element<std::string>(
      "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut", "Australia/Lord_Howe",
      "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "America/Havana", "UTC"));
  const UnixMillis time(*rc::gen::inRange<std::int64_t>(200'000'000'000, 4'000'000'000'000));
  const Day of = there.day_at(time);
  RC_ASSERT(there.begin_of(of) <= time);
  RC_ASSERT(time < there.begin_of(of.next()));
}

}  // namespace
}  // namespace stockfold
