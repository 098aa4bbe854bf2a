// stockfold events
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "projections/position_at.h"
#include "protocol/text/json.h"
#include "server/queries/reads.h"
#include "storage/engine/store.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/reports/event_csv.h"

namespace stockfold {
namespace {

struct Reading {
  CallOptions call;
  std::string data;  ///< Of a store that is read instead of a server; empty: a server.
  ReadEvents request;
  std::optional<UnixMillis> since;
  std::optional<UnixMillis> until;
  std::optional<Moment> at;      ///< The last one, however it is named.
  std::vector<EventType> types;  ///< Empty: all.
  bool csv = false;
  bool follow = false;
  std::uint64_t limit = UINT64_MAX;
};

/// Filters the events that it gets in order, and prints them.
class EventDisplay {
 public:
  explicit EventDisplay(const Reading& reading) : reading_(reading), left_(reading.limit) {
    if (reading_.csv) print_data(event_csv_header());
  }

  /// False: no later event passes the filter.
  bool take(const RecordedEvent& event) {
    const auto& to = reading_.request.to;
    if ((to && event.position > *to) || (reading_.until && event.time > *reading_.until)) return false;
    if (!is_wanted(event)) return event.position != to;
    return show(event) && --left_ > 0 && event.position != to;
  }

  /// The number of events to request at once.
  [[nodiscard]] std::uint32_t page() const {
    const std::uint64_t page = reading_.types.empty() ? left_ : kMaxPageRows;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(page, kMaxPageRows));
  }

 private:
  [[nodiscard]] bool is_wanted(const RecordedEvent& event) const {
    if (reading_.since && event.time < *reading_.since) return false;
    return is_one_of(event, reading_.types);
  }
  [[nodiscard]] bool show(const RecordedEvent& event) const {
    if (reading_.csv) return print_data(csv_of(event));
    return print_line(reading_.call.json ? json_of(event) : text_of(event));
  }

  const Reading& reading_;
  std::uint64_t left_;
};

void end_at(const Moment& moment, Reading& reading) {
  if (const auto* position = std::get_if<GlobalPosition>(&moment)) {
    reading.request.to = std::min(reading.request.to.value_or(*position), *position);
  } else {
    const UnixMillis time = std::get<UnixMillis>(moment);
    reading.until = std::min(reading.until.value_or(time), time);
  }
}

/// The time just before --since; empty if there is none.
std::optional<UnixMillis> before(const std::optional<UnixMillis>& since) {
  if (!since || *since == UnixMillis(0)) return std::nullopt;
  return UnixMillis(since->value() - 1);
}

/// Skips the events before --since without reading them.
ClientResult<void> skip(Client& client, Reading& reading) {
  const auto time = before(reading.since);
  if (!time) return {};
  auto passed = client.position_at(*time);
  if (!passed) return std::unexpected(std::move(passed.error()));
  reading.request.from = std::max(reading.request.from, passed->next());
  return {};
}

ExitCode read(Client& client, const Reading& reading) {
  EventDisplay display(reading);
  ReadEvents request = reading.request;
  for (;;) {
    request.limit = display.page();
    const auto reply = client.events(request);
    if (!reply) return tell(reading.call, reply.error());

    for (const RecordedEvent& event : reply->events) {
      if (!display.take(event)) return kDone;
    }
    if (!reply->next) return kDone;
    request.from = *reply->next;
  }
}

/// Follows without end, and flushes every line before it waits for the next event.
void end_well_on_interrupt() {
  struct sigaction action{};
  action.sa_handler = [](int) { ::_exit(kDone); };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

ExitCode follow(Client& client, const Reading& reading) {
  end_well_on_interrupt();
  EventDisplay display(reading);
  const auto each = [&](const RecordedEvent& event) {
    return display.take(event) && std::fflush(stdout) == 0;
  };
  const auto followed =
      client.follow_types(FollowTypes{{reading.request.from, reading.request.stream}, reading.types}, each);
  return followed ? kDone : tell(reading.call, followed.error());
}

ExitCode read_server(Reading reading) {
  return with_client(reading.call, [&reading](Client& client) {
    const auto skipped = skip(client, reading);
    if (!skipped) return tell(reading.call, skipped.error());
    return reading.follow ? follow(client, reading) : read(client, reading);
  });
}

bool is_in(const RecordedEvent& event, const std::optional<StreamId>& stream) {
  if (!stream) return true;
  const auto entries = streams_of(event);
  return std::ranges::any_of(entries, [&](const StreamEntry& entry) { return entry.stream == *stream; });
}

Result<void> read_log(const EventLog& log, const Reading& reading) {
  GlobalPosition from = std::max(reading.request.from, GlobalPosition(1));
  if (const auto time = before(reading.since)) {
    auto passed = position_at(log, *time, log.head().position);
    if (!passed) return std::unexpected(std::move(passed.error()));
    from = std::max(from, passed->next());
  }
  EventDisplay display(reading);
  const auto cursor = log.read(from);
  for (;;) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) return {};
    for (const RecordedEvent& event : (*commit)->events) {
      if (event.position < from || !is_in(event, reading.request.stream)) continue;
      if (!display.take(event)) return {};
    }
    if (reading.request.to && (*commit)->last() >= *reading.request.to) return {};
  }
}

ExitCode read_store(const Reading& reading) {
  const auto store = storage_engine().open_read_only(reading.data);
  if (!store) return tell(store.error());
  if (const auto& torn = (*store)->torn_tail()) {
    complain(fmt::format("stockfold: the log ends in a record that was never acknowledged: {}", torn->what));
  }
  const auto shown = read_log((*store)->log(), reading);
  return shown ? kDone : tell(shown.error());
}

}  // namespace

void add_events(CLI::App& app, int& exit_code) {
  CLI::App* events = app.add_subcommand("events", "list events, one a line");
  auto reading = std::make_shared<Reading>();
  add_argument(*events, "--from", reading->request.from, parse_position, "first position (1)")
      ->type_name("P");
  add_argument(*events, "--to", reading->request.to, parse_position, "last position")->type_name("P");
  add_argument(*events, "--since", reading->since, parse_time, "events at this time or later")
      ->type_name("TIME");
  add_argument(*events, "--until", reading->until, parse_time, "events at this time or earlier")
      ->type_name("TIME");
  add_argument(*events, "--stream", reading->request.stream, parse_stream,
               "events of order/ID or product/SKU")
      ->type_name("STREAM");
  add_argument(*events, "--type", reading->types, parse_event_types,
               "events of these types, such as OrderPlaced,OrderAborted")
      ->type_name("NAME[,NAME]");
  add_argument(*events, "--at", reading->at, parse_moment, "events up to this position or time")
      ->type_name("P|TIME");
  add_limit(*events, reading->limit);
  add_freshness(*events, reading->request.freshness);
  add_call_options(*events, reading->call);
  events
      ->add_flag("--csv", reading->csv,
                 "a record for each event, or each line of its order: position, time, type, version, order, "
                 "sku, name, quantity, stock_after, reason, error, message, command_id, actor")
      ->excludes("--json");
  CLI::Option* follow =
      events->add_flag("--follow", reading->follow, "print new events as they happen, until interrupted");
  events->add_option("--data", reading->data, "read the store in this directory, not a server")
      ->type_name("DIR")
      ->excludes(follow, events->get_option("--min-position"), events->get_option("--stale"));
  events->callback([reading, &exit_code] {
    if (reading->at) end_at(*reading->at, *reading);
    exit_code = reading->data.empty() ? read_server(*reading) : read_store(*reading);
  });
}

}  // namespace stockfold
