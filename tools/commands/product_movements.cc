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
  ReadMovements request;
  bool csv = false;
  std::uint64_t limit = UINT64_MAX;
};

void add(MovementSums& total, const MovementSums& sums) {
  total.placed += sums.placed;
  total.aborted += sums.aborted;
  total.fulfilled += sums.fulfilled;
  total.received += sums.received;
  total.written_off += sums.written_off;
  total.events += sums.events;
}

std::string csv_header() {
  static const std::array<std::string, 7> names{"day",      "placed",      "aborted", "fulfilled",
                                                "received", "written_off", "events"};
  return csv_line(names);
}

std::string csv_of(const DayMovements& day) {
  const MovementSums& sums = day.sums;
  const std::array<std::string, 7> fields{date_text(day.day),
                                          fmt::to_string(sums.placed),
                                          fmt::to_string(sums.aborted),
                                          fmt::to_string(sums.fulfilled),
                                          fmt::to_string(sums.received),
                                          fmt::to_string(sums.written_off),
                                          fmt::to_string(sums.events)};
  return csv_line(fields);
}

/// Prints each day as it arrives; or at the end a table, whose last row is the sum.
class MovementDisplay {
 public:
  explicit MovementDisplay(const MovementListing& listing) : listing_(listing) {
    if (listing_.csv) print_data(csv_header());
  }

  void take(const DayMovements& day, GlobalPosition as_of) {
    if (listing_.call.json) {
      print_line(json_of(listing_.request.sku, day, as_of));
    } else if (listing_.csv) {
      print_data(csv_of(day));
    } else {
      add_row(table_, date_text(day.day), day.sums);
    }
    add(total_, day.sums);
    ++days_;
  }
  [[nodiscard]] std::uint64_t days() const { return days_; }

  /// `next`: the first day that --limit left out.
  void end(const std::optional<Day>& next) {
    if (listing_.call.json || listing_.csv) return;
    if (days_ > 0) add_row(table_, "total", total_);
    print(table_.take());
    if (next) complain("more with --since " + date_text(*next));
  }

 private:
  const MovementListing& listing_;
  Table table_ = movement_table();
  MovementSums total_;
  std::uint64_t days_ = 0;
};

/// An empty list: nothing moved on these days, or there is no such product.
ExitCode tell_none(Client& client, const MovementListing& listing) {
  const auto product = client.product(listing.request.sku, listing.request.freshness);
  if (!product) return tell(listing.call, product.error());
  return product->product ? kDone : tell_unknown(listing.call, StreamId::of(listing.request.sku));
}

ExitCode list(Client& client, const MovementListing& listing) {
  MovementDisplay display(listing);
  ReadMovements request = listing.request;
  for (;;) {
    const std::uint64_t left = listing.limit - display.days();
    request.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kMaxPageRows));
    const auto page = client.movements(request);
    if (!page) return tell(listing.call, page.error());
    for (const DayMovements& day : page->rows) display.take(day, page->as_of);
    if (page->next && display.days() < listing.limit) {
      request.from = page->next;
      continue;
    }
    if (display.days() == 0) return tell_none(client, listing);
    display.end(page->next);
    return kDone;
  }
}

}  // namespace

void add_product_movements(CLI::App& product, int& exit_code) {
  CLI::App* app = product.add_subcommand("movements", "units moved on each day (UTC), oldest first");
  auto listing = std::make_shared<MovementListing>();
  add_argument(*app, "SKU", listing->request.sku, parse_sku, "the product")->required();
  add_argument(*app, "--since", listing->request.from, parse_day, "first day")->type_name("TIME");
  add_argument(*app, "--until", listing->request.to, parse_day, "last day")->type_name("TIME");
  add_limit(*app, listing->limit);
  add_freshness(*app, listing->request.freshness);
  add_call_options(*app, listing->call);
  app->add_flag("--csv", listing->csv, "records for spreadsheets")->excludes("--json");
  app->callback([listing, &exit_code] {
    exit_code = with_client(listing->call, [&listing](Client& client) { return list(client, *listing); });
  });
}

}  // namespace stockfold
