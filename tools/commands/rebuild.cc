// stockfold rebuild
#include "projections/following/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "projections/views.h"
#include "storage/engine/store.h"
#include "storage/files/durable_directory.h"
#include "tools/commands/commands.h"
#include "tools/commands/storage_engine.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/console/progress.h"
#include "tools/console/stopwatch.h"
#include "tools/reports/rebuild_report.h"

namespace stockfold {
namespace {

struct Rebuilding {
  std::vector<const Projection*> projections;
  std::string data;  ///< Empty: ask the ledger that `call` names.
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  CallOptions call;
};

Parsed<std::vector<const Projection*>> parse_views(std::string_view text) {
  std::vector<const Projection*> chosen;
  std::string names = "all";
  for (const Projection* projection : all_projections()) {
    if (text == "all" || text == projection->name()) chosen.push_back(projection);
    names += fmt::format(", {}", projection->name());
  }
  if (chosen.empty()) return std::unexpected(fmt::format("unknown view \"{}\": name one of {}", text, names));
  return chosen;
}

ExitCode report(const Rebuilding& rebuilding, const std::vector<ReportedView>& views) {
  if (rebuilding.call.json) {
    for (const ReportedView& view : views) print_line(json_of(view));
  } else {
    print(text_of(views));
  }
  return exit_code_of(views);
}

ExitCode rebuild_offline(const Rebuilding& rebuilding) {
  if (const auto is_private = check_private(rebuilding.data); !is_private) return tell(is_private.error());
  auto store = storage_engine().open(rebuilding.data, {.views = view_names(), .create = false});
  if (!store) return tell(store.error());
  if (const auto& torn = (*store)->torn_tail()) {
    complain(
        fmt::format("stockfold: the log ended in a record that was never acknowledged; it was cut after "
                    "position {}: {}",
                    torn->after.value(), torn->what));
  }

  const Stopwatch stopwatch;
  ProgressLine line("rebuilding");
  RebuildOptions options{.threads = rebuilding.threads};
  options.progress = [&line](GlobalPosition at, GlobalPosition head) { line.show(at, head); };
  auto rebuilt = rebuild((*store)->log(), (*store)->views(), rebuilding.projections, options);
  line.end();
  if (!rebuilt) return tell(rebuilt.error());

  const double seconds = stopwatch.seconds();  // of all of them, which were built side by side
  std::vector<ReportedView> views;
  for (RebuiltView& view : *rebuilt) views.push_back({std::move(view), seconds});
  return report(rebuilding, views);
}

RebuildFinding received(RebuiltReply::Finding finding) {
  switch (finding) {
    case RebuiltReply::Finding::same:
      return RebuildFinding::same;
    case RebuiltReply::Finding::differs:
      return RebuildFinding::differs;
    case RebuiltReply::Finding::nothing_to_compare:
      return RebuildFinding::nothing;
  }
  return RebuildFinding{};  // of a later ledger: a finding without a name
}

RebuiltView received(RebuiltReply reply) {
  RebuiltView rebuilt{.view = std::move(reply.view),
                      .position = reply.position,
                      .rows = reply.rows,
                      .digest = reply.digest,
                      .finding = received(reply.finding),
                      .live = reply.live,
                      .difference = std::nullopt,
                      .reason = std::move(reply.reason)};
  if (auto& first = reply.difference) {
    rebuilt.difference = {std::move(first->key), std::move(first->live), std::move(first->rebuilt)};
  }
  return rebuilt;
}

/// One view after the other: the ledger rebuilds one at a time.
ExitCode rebuild_online(const Rebuilding& rebuilding) {
  return with_client(rebuilding.call, [&rebuilding](Client& client) {
    std::vector<ReportedView> views;
    for (const Projection* projection : rebuilding.projections) {
      const Stopwatch stopwatch;
      const std::string name(projection->name());
      ProgressLine line("rebuilding " + name);
      auto rebuilt = client.rebuild(
          name, [&line](const RebuildingReply& progress) { line.show(progress.at, progress.head); });
      line.end();
      if (!rebuilt) {
        report(rebuilding, views);  // of those that were done
        return tell(rebuilding.call, rebuilt.error());
      }
      views.push_back({received(*std::move(rebuilt)), stopwatch.seconds()});
    }
    return report(rebuilding, views);
  });
}

}  // namespace

void add_rebuild(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("rebuild", "rebuild views from the log and compare them with those in use");
  auto rebuilding = std::make_shared<Rebuilding>();
  add_argument(*command, "VIEW", rebuilding->projections, parse_views, "a view, or all")->required();
  command
      ->add_option("--data", rebuilding->data,
                   "directory of a store that is not being served (default: the running ledger)")
      ->type_name("DIR");
  add_number(*command, "--threads", rebuilding->threads, 1, 64,
             "threads that fold views, with --data (default: one a core)");
  add_call_options(*command, rebuilding->call);
  command->callback([rebuilding, &exit_code] {
    exit_code = rebuilding->data.empty() ? rebuild_online(*rebuilding) : rebuild_offline(*rebuilding);
  });
}

}  // namespace stockfold
