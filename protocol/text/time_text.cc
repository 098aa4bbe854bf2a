#include "protocol/text/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace stockfold {
namespace {

namespace chrono = std::chrono;

/// Scans a text from its front. After an error the scanner stays wrong.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// A number of exactly so many digits, from `min` to `max`.
  unsigned number(std::size_t digits, unsigned min, unsigned max) {
    unsigned number = 0;
    for (std::size_t i = 0; i < digits; ++i) number = 10 * number + digit();
    right_ = right_ && number >= min && number <= max;
    return number;
  }
  /// One of these characters; NUL if the next is none.
  char one_of(std::string_view characters) {
    const bool there = !rest_.empty() && characters.contains(rest_.front());
    right_ = right_ && there;
    return there ? take() : '\0';
  }
  [[nodiscard]] bool before(char character) const { return rest_.starts_with(character); }
  [[nodiscard]] bool before_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  /// Whether nothing was wrong and nothing is left.
  [[nodiscard]] bool done() const { return right_ && rest_.empty(); }

  /// Takes a digit even after an error, so that a loop over digits ends.
  unsigned digit() {
    right_ = right_ && before_digit();
    return before_digit() ? static_cast<unsigned>(take() - '0') : 0;
  }

 private:
  char take() {
    const char front = rest_.front();
    rest_.remove_prefix(1);
    return front;
  }

  std::string_view rest_;
  bool right_ = true;
};

/// ".678"; skips further digits.
chrono::milliseconds take_fraction(Scanner& scanner) {
  unsigned millis = 0;
  unsigned weight = 100;
  scanner.one_of(".");
  do {
    millis += weight * scanner.digit();
    weight /= 10;
  } while (scanner.before_digit());
  return chrono::milliseconds(millis);
}

/// "Z" or "+01:00".
chrono::minutes take_offset(Scanner& scanner) {
  const char sign = scanner.one_of("Zz+-");
  if (sign != '+' && sign != '-') return chrono::minutes(0);
  const chrono::hours hours(scanner.number(2, 0, 23));
  scanner.one_of(":");
  const auto offset = hours + chrono::minutes(scanner.number(2, 0, 59));
  return sign == '+' ? offset : -offset;
}

/// "2026-01-02"; an invalid date if the scanner is wrong.
chrono::year_month_day take_date(Scanner& scanner) {
  const chrono::year year(static_cast<int>(scanner.number(4, 0, 9999)));
  scanner.one_of("-");
  const chrono::month month(scanner.number(2, 1, 12));
  scanner.one_of("-");
  return {year, month, chrono::day(scanner.number(2, 1, 31))};
}

std::string text_of(const chrono::year_month_day& date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace

std::string rfc3339(UnixMillis time) {
  const std::chrono::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds(time.value())};
  const auto midnight = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{instant - midnight};
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", text_of(date), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<UnixMillis> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  const chrono::year_month_day date = take_date(scanner);
  scanner.one_of("Tt ");
  const chrono::hours hours(scanner.number(2, 0, 23));
  scanner.one_of(":");
  const chrono::minutes minutes(scanner.number(2, 0, 59));
  scanner.one_of(":");
  const chrono::seconds seconds(scanner.number(2, 0, 60));  // 60 in a leap second
  const auto fraction = scanner.before('.') ? take_fraction(scanner) : chrono::milliseconds(0);
  const chrono::minutes offset = take_offset(scanner);
  if (!scanner.done() || !date.ok()) return std::nullopt;
  const chrono::sys_time<chrono::milliseconds> time =
      chrono::sys_days(date) + hours + minutes + seconds + fraction - offset;
  return UnixMillis(time.time_since_epoch().count());
}

std::string http_date(UnixMillis time) {
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const chrono::sys_seconds instant =
      chrono::floor<chrono::seconds>(chrono::sys_time(chrono::milliseconds(time.value())));
  const auto midnight = chrono::floor<chrono::days>(instant);
  const chrono::year_month_day date{midnight};
  const chrono::hh_mm_ss clock{instant - midnight};
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.substr(3 * chrono::weekday(midnight).c_encoding(), 3),
      static_cast<unsigned>(date.day()), kMonths.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string date_text(Day day) {
  return text_of(chrono::year_month_day(chrono::sys_days(chrono::days(day.value()))));
}

std::optional<Day> parse_date(std::string_view text) {
  Scanner scanner(text);
  const chrono::year_month_day date = take_date(scanner);
  if (!scanner.done() || !date.ok() || date.year() < chrono::year(1970)) return std::nullopt;
  return Day(static_cast<std::uint32_t>(chrono::sys_days(date).time_since_epoch().count()));
}

}  // namespace stockfold
