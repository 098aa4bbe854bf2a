// stockfold replay
#include "projections/audit/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/overloaded.h"
#include "projections/following/commit_feed.h"
#include "projections/position_at.h"
#include "protocol/text/json.h"
#include "storage/engine/store.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/replay_report.h"

namespace stockfold {
namespace {

struct Replaying {
  std::string data;
  std::optional<Moment> to;
  bool json = false;
};

/// The position that `to` names; it may be beyond the head.
Result<GlobalPosition> position_of(const EventLog& log, const std::optional<Moment>& to) {
  const GlobalPosition head = log.head().position;
  if (!to) return head;
  return std::visit(Overloaded{
                        [](GlobalPosition position) { return Result<GlobalPosition>(position); },
                        [&](UnixMillis time) { return position_at(log, time, head); },
                    },
                    *to);
}

Result<void> replay(const EventLog& log, GlobalPosition to, Replay& state) {
  ProgressLine line("replaying");
  CommitFeed feed(log, 1, std::max(std::thread::hardware_concurrency(), 1U));
  const auto commits = feed.cursor(0);
  while (state.position() < to) {
    auto commit = commits->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (auto folded = state.fold(**commit, to); !folded) return folded;
    line.show(state.position(), to);
  }
  return {};
}

void print_json(const Replay& state, double seconds) {
  for (const auto& [sku, product] : state.products()) print_line(json_of(sku, product, state.position()));
  print_line(json_of(state, seconds));
}

void print_text(const Replay& state, double seconds) {
  constexpr std::size_t kRowsAtOnce = 1'000;
  Table table = product_table();
  std::size_t rows = 0;
  for (const auto& [sku, product] : state.products()) {
    add_row(table, sku, product);
    if (++rows % kRowsAtOnce == 0) print(table.take());
  }
  print(table.take());
  print_line("\n" + text_of(state, seconds));
}

ExitCode run(const Replaying& replaying) {
  const auto store = storage_engine().open_read_only(replaying.data);
  if (!store) return tell(store.error());
  if (const auto& torn = (*store)->torn_tail()) {
    complain(
        fmt::format("stockfold: the log ends at position {}, before a record that was never acknowledged: {}",
                    torn->after.value(), torn->what));
  }
  const EventLog& log = (*store)->log();
  const auto to = position_of(log, replaying.to);
  if (!to) return tell(to.error());
  const GlobalPosition head = log.head().position;
  if (*to > head) {
    complain(fmt::format("stockfold: --to: position {} is beyond the end of the log, {}", to->value(),
                         head.value()));
    return kUsage;
  }

  Replay state;
  const Stopwatch stopwatch;
  if (auto replayed = replay(log, *to, state); !replayed) return tell(replayed.error());
  const double seconds = stopwatch.seconds();
  replaying.json ? print_json(state, seconds) : print_text(state, seconds);
  return kDone;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("replay", "fold the log from the start, for a store that is not being served");
  auto replaying = std::make_shared<Replaying>();
  command->add_option("--data", replaying->data, "directory of the store; nothing in it changes")->required();
  add_argument(*command, "--to", replaying->to, parse_moment,
               "up to this position or RFC 3339 time (the end)")
      ->type_name("P|TIME");
  command->add_flag("--json", replaying->json, "one JSON object a line");
  command->callback([replaying, &exit_code] { exit_code = run(*replaying); });
}

}  // namespace stockfold
