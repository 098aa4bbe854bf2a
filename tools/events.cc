// stockfold events
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "tools/ask.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/print.h"

namespace stockfold {
namespace {

struct Reading {
  CallOptions call;
  ReadEvents request;
  bool follow = false;
  std::uint64_t limit = UINT64_MAX;
};

bool print_event(const Reading& reading, const RecordedEvent& event) {
  return print_line(reading.call.json ? json_of(event) : text_of(event));
}

ExitCode read(Client& client, const Reading& reading) {
  ReadEvents request = reading.request;
  for (std::uint64_t left = reading.limit; left > 0;) {
    request.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kMaxPageRows));
    const auto reply = client.events(request);
    if (!reply) return tell(reading.call, reply.error());

    for (const RecordedEvent& event : reply->events) print_event(reading, event);
    if (!reply->next) break;
    left -= reply->events.size();
    request.from = *reply->next;
  }
  return kDone;
}

/// Following has no end of its own, and every line is out by the time the next is awaited.
void end_well_on_interrupt() {
  struct sigaction action{};
  action.sa_handler = [](int) { ::_exit(kDone); };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

ExitCode follow(Client& client, const Reading& reading) {
  end_well_on_interrupt();
  const GlobalPosition last = reading.request.to.value_or(GlobalPosition(UINT64_MAX));
  std::uint64_t left = reading.limit;
  const auto each = [&](const RecordedEvent& event) {
    if (event.position > last) return false;
    const bool written = print_event(reading, event) && std::fflush(stdout) == 0;
    return written && --left > 0 && event.position < last;
  };
  const auto followed = client.follow({reading.request.from, reading.request.stream}, each);
  return followed ? kDone : tell(reading.call, followed.error());
}

}  // namespace

void add_events(CLI::App& app, int& exit_code) {
  CLI::App* events = app.add_subcommand("events", "what happened, one event a line");
  auto reading = std::make_shared<Reading>();
  add_argument(*events, "--from", reading->request.from, parse_position, "the first position wanted (1)")
      ->type_name("P");
  add_argument(*events, "--to", reading->request.to, parse_position, "the last position wanted")
      ->type_name("P");
  add_argument(*events, "--stream", reading->request.stream, parse_stream,
               "only those of order/ID or product/SKU")
      ->type_name("STREAM");
  add_limit(*events, reading->limit);
  add_freshness(*events, reading->request.freshness);
  add_call_options(*events, reading->call);
  events->add_flag("--follow", reading->follow, "go on with each event as it happens, until interrupted");
  events->callback([reading, &exit_code] {
    exit_code = with_client(reading->call, [&reading](Client& client) {
      return reading->follow ? follow(client, *reading) : read(client, *reading);
    });
  });
}

}  // namespace stockfold
