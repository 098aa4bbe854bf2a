#include "server/zones/time_zone.h"

#include <absl/time/time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace stockfold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUtc = "UTC";

/// Where Abseil looks, too.
fs::path zone_directory() {
  const char* named = std::getenv("TZDIR");
  return named != nullptr && *named != '\0' ? named : "/usr/share/zoneinfo";
}

/// Whether `name` is written like the name of a zone. It is about to become the path of a file.
bool is_zone_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '/';
  };
  return !name.empty() && name.front() >= 'A' && name.front() <= 'Z' && std::ranges::all_of(name, is_inner);
}

absl::CivilDay civil(Day day) { return absl::CivilDay(1970, 1, 1) + std::int64_t{day.value()}; }

}  // namespace

std::string message_of(ZoneError error, std::string_view name) {
  switch (error) {
    case ZoneError::unknown:
      return "there is no time zone \"" + std::string(name) + "\": give an IANA name such as Europe/Berlin";
    case ZoneError::no_data:
      return "time zone " + std::string(name) +
             ": the ledger's machine has no time zone data: install the package tzdata there, or use UTC";
  }
  return "?";
}

struct TimeZone::Rules {
  absl::TimeZone zone;
};

std::expected<TimeZone, ZoneError> TimeZone::named(std::string_view name) {
  if (name == kUtc) return TimeZone(std::make_shared<const Rules>(Rules{absl::UTCTimeZone()}));
  if (!is_zone_name(name)) return std::unexpected(ZoneError::unknown);
  // Abseil keeps every name that it was ever asked for, so it is asked only for zones that are there.
  const fs::path directory = zone_directory();
  std::error_code ignored;
  if (!fs::is_regular_file(directory / name, ignored)) {
    const bool has_zones = fs::is_regular_file(directory / kUtc, ignored);
    return std::unexpected(has_zones ? ZoneError::unknown : ZoneError::no_data);
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone({name.data(), name.size()}, &zone)) return std::unexpected(ZoneError::unknown);
  return TimeZone(std::make_shared<const Rules>(Rules{zone}));
}

UnixMillis TimeZone::begin_of(Day day) const {
  const auto midnight = rules_->zone.At(absl::CivilSecond(civil(day)));
  const bool skipped = midnight.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return UnixMillis(absl::ToUnixMillis(skipped ? midnight.trans : midnight.pre));
}

Day TimeZone::day_at(UnixMillis time) const {
  const absl::CivilSecond local = rules_->zone.At(absl::FromUnixMillis(time.value())).cs;
  const auto number = absl::CivilDay(local) - absl::CivilDay(1970, 1, 1);
  constexpr std::int64_t kLast = std::numeric_limits<Day::rep>::max();
  Day day(static_cast<Day::rep>(std::clamp<std::int64_t>(number, 0, kLast)));
  // Clocks that went back across midnight show the day before once more.
  while (day.value() < kLast && begin_of(day.next()) <= time) day = day.next();
  return day;
}

}  // namespace stockfold
