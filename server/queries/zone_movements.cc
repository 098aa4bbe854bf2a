// Movements by the days of a time zone, summed out of quarters of an hour.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "protocol/text/time_text.h"
#include "server/queries/reads.h"
#include "server/zones/time_zone.h"

namespace stockfold {
namespace {

/// Of which a page may be made; those of a day are taken whole. 1,000 days may have 100,000.
constexpr std::size_t kQuartersRead = 20'000;

bool begins_a_quarter(UnixMillis time) { return time.value() % kMillisAQuarter == 0; }

/// The quarter of a time, which may be before 1970 or after the last quarter.
Quarter quarter_at(UnixMillis time) {
  constexpr std::int64_t kLast = std::numeric_limits<Quarter::rep>::max();
  return Quarter(
      static_cast<Quarter::rep>(std::clamp<std::int64_t>(time.value() / kMillisAQuarter, 0, kLast)));
}

/// Gathers the quarters of a product into days of a zone.
class ZoneDays {
 public:
  ZoneDays(const TimeZone& zone, const ReadZoneMovements& request) : zone_(zone), request_(request) {}

  /// Where to begin to read.
  [[nodiscard]] Quarter first() const { return quarter_at(zone_.begin_of(from())); }

  /// Takes the next quarter. False once the page is complete.
  bool take(const QuarterMovements& row) {
    const UnixMillis time = begin_of(row.quarter);
    if ((rows_.empty() || time >= rows_.back().end) && !begin_day(time)) return false;
    if (!rows_.empty()) rows_.back().sums += row.sums;
    ++quarters_;
    return true;
  }

  [[nodiscard]] std::vector<ZoneDayMovements> take_rows() { return std::move(rows_); }
  [[nodiscard]] const std::optional<Day>& next() const { return next_; }
  /// A day of the page that does not begin at a quarter of an hour.
  [[nodiscard]] const std::optional<Day>& uneven() const { return uneven_; }

 private:
  [[nodiscard]] Day from() const { return request_.from.value_or(Day(0)); }

  /// False if the day is not of the page.
  bool begin_day(UnixMillis time) {
    const Day day = zone_.day_at(time);
    if (request_.to && day > *request_.to) return false;
    if (rows_.size() == request_.limit || quarters_ >= kQuartersRead) {
      next_ = day;
      return false;
    }
    const UnixMillis begin = zone_.begin_of(day);
    const UnixMillis end = zone_.begin_of(day.next());
    if (!begins_a_quarter(begin) || !begins_a_quarter(end)) {
      uneven_ = day;
      return false;
    }
    rows_.push_back({day, std::max(begin, UnixMillis(0)), end, {}});
    return true;
  }

  const TimeZone& zone_;
  const ReadZoneMovements& request_;
  std::vector<ZoneDayMovements> rows_;
  std::size_t quarters_ = 0;
  std::optional<Day> next_;
  std::optional<Day> uneven_;
};

ErrorReply wrong_zone(const std::string& why) { return {ErrorCode::invalid_argument, "zone: " + why, false}; }

}  // namespace

Result<Reply> read(const Views& views, const ReadZoneMovements& request) {
  const auto zone = TimeZone::named(request.zone);
  if (!zone) return wrong_zone(message_of(zone.error(), request.zone));
  auto product = views.product(request.sku);
  if (!product) return std::unexpected(std::move(product.error()));
  ZoneDays days(*zone, request);
  auto as_of =
      views.quarters(request.sku, days.first(), [&](const QuarterMovements& row) { return days.take(row); });
  if (!as_of) return std::unexpected(std::move(as_of.error()));
  if (days.uneven()) {
    return wrong_zone("a day of " + request.zone + " does not begin or end at a quarter of an hour: " +
                      date_text(*days.uneven()) + "; movements are summed by quarters of an hour of UTC");
  }
  return ZoneMovementsReply{
      request.sku, product->state.has_value(), request.zone, days.take_rows(), days.next(), *as_of};
}

}  // namespace stockfold
