// stockfold product movements
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "core/movements.h"
#include "protocol/text/json.h"
#include "protocol/text/time_text.h"
#include "tools/commands/commands.h"
#include "tools/console/ask.h"
#include "tools/console/print.h"
#include "tools/reports/csv.h"

namespace stockfold {
namespace {

struct MovementListing {
  CallOptions call;
  Sku sku;
  std::optional<std::string> zone;
  std::optional<Day> from;
  std::optional<Day> to;
  Freshness freshness;
  bool csv = false;
  std::uint64_t limit = UINT64_MAX;
};

std::string csv_header() {
  static const std::array<std::string, 12> names{
      "day",    "placed",   "aborted",    "fulfilled",    "received",       "written_off",
      "events", "returned", "counted_up", "counted_down", "transferred_in", "transferred_out"};
  return csv_line(names);
}

std::string csv_of(Day day, const MovementSums& sums) {
  const std::array<std::string, 12> fields{date_text(day),
                                           fmt::to_string(sums.placed),
                                           fmt::to_string(sums.aborted),
                                           fmt::to_string(sums.fulfilled),
                                           fmt::to_string(sums.received),
                                           fmt::to_string(sums.written_off),
                                           fmt::to_string(sums.events),
                                           fmt::to_string(sums.returned),
                                           fmt::to_string(sums.counted_up),
                                           fmt::to_string(sums.counted_down),
                                           fmt::to_string(sums.transferred_in),
                                           fmt::to_string(sums.transferred_out)};
  return csv_line(fields);
}

/// Days of UTC.
struct OfUtcDays {
  static ReadMovements request(const MovementListing& listing) {
    return {listing.sku, listing.from, listing.to, kMaxPageRows, listing.freshness};
  }
  static std::string json(const MovementsReply& page, const DayMovements& day) {
    return json_of(page.sku, day, page.as_of);
  }
};

/// Days of the zone that the caller names.
struct OfZoneDays {
  static ReadZoneMovements request(const MovementListing& listing) {
    return {listing.sku, *listing.zone, listing.from, listing.to, kMaxPageRows, listing.freshness};
  }
  static std::string json(const ZoneMovementsReply& page, const ZoneDayMovements& day) {
    return json_of(page.sku, page.zone, day, page.as_of);
  }
};

/// Prints each day as it arrives; or at the end a table, whose last row is the sum.
class MovementDisplay {
 public:
  explicit MovementDisplay(const MovementListing& listing) : listing_(listing) {
    if (listing_.csv) print_data(csv_header());
  }

  /// `json` makes the line of --json.
  template <class Json>
  void take(Day day, const MovementSums& sums, const Json& json) {
    if (listing_.call.json) {
      print_line(json());
    } else if (listing_.csv) {
      print_data(csv_of(day, sums));
    } else {
      add_row(table_, date_text(day), sums);
    }
    total_ += sums;
    ++days_;
  }
  [[nodiscard]] std::uint64_t days() const { return days_; }

  /// `next`: the first day that --limit left out.
  void end(const std::optional<Day>& next) {
    if (listing_.call.json || listing_.csv) return;
    if (days_ > 0) add_row(table_, "total", total_);
    print(table_.take());
    if (next) complain("more with --from " + date_text(*next));
  }

 private:
  const MovementListing& listing_;
  Table table_ = movement_table();
  MovementSums total_;
  std::uint64_t days_ = 0;
};

/// An empty list: nothing moved on these days, or there is no such product.
ExitCode tell_none(Client& client, const MovementListing& listing) {
  const auto product = client.product(listing.sku, listing.freshness);
  if (!product) return tell(listing.call, product.error());
  return product->product ? kDone : tell_unknown(listing.call, StreamId::of(listing.sku));
}

template <class Days>
ExitCode list(Client& client, const MovementListing& listing) {
  MovementDisplay display(listing);
  auto request = Days::request(listing);
  for (;;) {
    const std::uint64_t left = listing.limit - display.days();
    request.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kMaxPageRows));
    auto page = client.movements(request);
    if (!page) {
      if (page.error().what.starts_with("zone: ")) page.error().what.insert(0, "--");
      return tell(listing.call, page.error());
    }
    for (const auto& day : page->rows) {
      display.take(day.day, day.sums, [&] { return Days::json(*page, day); });
    }
    if (page->next && display.days() < listing.limit) {
      request.from = page->next;
      continue;
    }
    if (display.days() == 0) return tell_none(client, listing);
    display.end(page->next);
    return kDone;
  }
}

void add_days(CLI::App& app, MovementListing& listing) {
  CLI::Option* zone = add_argument(app, "--zone", listing.zone, parse_zone,
                                   "the time zone of the days, such as Europe/Berlin (UTC)");
  CLI::Option* from = add_argument(app, "--from", listing.from, parse_local_day, "first day");
  CLI::Option* to = add_argument(app, "--to", listing.to, parse_local_day, "last day");
  add_argument(app, "--since", listing.from, parse_day, "first day, of UTC")
      ->type_name("TIME")
      ->excludes(zone)
      ->excludes(from);
  add_argument(app, "--until", listing.to, parse_day, "last day, of UTC")
      ->type_name("TIME")
      ->excludes(zone)
      ->excludes(to);
  zone->type_name("ZONE");
  from->type_name("DATE");
  to->type_name("DATE");
}

}  // namespace

void add_product_movements(CLI::App& product, int& exit_code) {
  CLI::App* app = product.add_subcommand("movements", "units moved on each day, oldest first");
  auto listing = std::make_shared<MovementListing>();
  add_argument(*app, "SKU", listing->sku, parse_sku, "the product")->required();
  add_days(*app, *listing);
  add_limit(*app, listing->limit);
  add_freshness(*app, listing->freshness);
  add_call_options(*app, listing->call);
  app->add_flag("--csv", listing->csv, "records for spreadsheets")->excludes("--json");
  app->callback([listing, &exit_code] {
    exit_code = with_client(listing->call, [&listing](Client& client) {
      return listing->zone ? list<OfZoneDays>(client, *listing) : list<OfUtcDays>(client, *listing);
    });
  });
}

}  // namespace stockfold
