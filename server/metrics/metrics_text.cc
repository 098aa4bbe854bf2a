#include "server/metrics/metrics_text.h"

#include <algorithm>
#include <utility>

#include "server/metrics/exposition.h"

namespace stockfold {
namespace {

constexpr double kSeconds = 1e-9;  // of a nanosecond
constexpr double kOne = 1;

/// Statuses of answers over HTTP: those that openapi.json describes, and 204 to OPTIONS. Every counter, by
/// rule, reason or status, is present from the first scrape. Prometheus' increase() needs an earlier sample,
/// so the first count of a counter that appears later would be lost.
constexpr std::array<std::size_t, 20> kStatuses = {200, 201, 204, 304, 400, 401, 403, 404, 405, 408,
                                                   409, 412, 413, 415, 417, 421, 431, 501, 503, 505};

/// In the order of CloseReason.
constexpr std::array<std::string_view, kCloseReasons> kReasons = {"silent",    "not_reading", "memory",
                                                                  "malformed", "tls",         "no_token"};
/// In the order of RebuildFinding.
constexpr std::array<std::string_view, 3> kFindings = {"same", "differs", "nothing"};

constexpr std::uint64_t as_number(bool value) { return value ? 1 : 0; }

std::uint64_t lag_of(const Readings& now, GlobalPosition position) {
  return now.head.position > position ? now.head.position.value() - position.value() : 0;
}

/// The name of a rule or of an error code, by its number.
std::string_view error_name(std::size_t number) {
  const bool is_error = is_error_code(static_cast<std::uint8_t>(number));
  return is_error ? name_of(static_cast<ErrorCode>(number)) : name_of(static_cast<Rule>(number));
}

/// Whether the number is that of a rule or of an error code.
bool has_name(std::size_t number) { return error_name(number) != "?"; }

void add_commands(Exposition& text, const Metrics& metrics) {
  text.counter("stockfold_commands_total",
               "Commands answered, by kind and outcome: accepted, replayed, or the rule that refused.");
  for (std::size_t kind = 1; kind <= CommandCounts::kKinds; ++kind) {
    const auto of = static_cast<CommandKind>(kind);
    const CommandCounts::OfKind& counts = metrics.commands.of(of);
    text.add(counts.accepted, {{"command", name_of(of)}, {"outcome", "accepted"}});
    text.add(counts.replayed, {{"command", name_of(of)}, {"outcome", "replayed"}});
    for (std::size_t error = 1; error < CommandCounts::kErrors; ++error) {
      if (!has_name(error)) continue;
      text.add(counts.refused[error], {{"command", name_of(of)}, {"outcome", error_name(error)}});
    }
  }
  text.counter("stockfold_queries_total", "Requests other than commands, by kind.");
  for (const QueryKind kind : kAllQueryKinds) {
    text.add(metrics.queries[static_cast<std::size_t>(kind)], {{"query", name_of(kind)}});
  }
  text.counter("stockfold_errors_total", "Error replies to requests other than commands, by name.");
  for (std::size_t error = 1; error < metrics.errors.size(); ++error) {
    if (!has_name(error)) continue;
    text.add(metrics.errors[error], {{"error", error_name(error)}});
  }
}

void add_http_answers(Exposition& text, const Metrics& metrics) {
  text.counter("stockfold_http_answers_total", "Answers over HTTP, by status.");
  for (std::size_t status = 0; status < metrics.http_answers.size(); ++status) {
    if (metrics.http_answers[status] == 0 && std::ranges::find(kStatuses, status) == kStatuses.end())
      continue;
    text.add(metrics.http_answers[status], {{"status", std::to_string(status)}});
  }
}

void add_latencies(Exposition& text, const Metrics& metrics) {
  text.histogram("stockfold_command_duration_seconds",
                 "From the arrival of a command until its answer was handed to the system.");
  text.add(metrics.whole, kSeconds);
  text.histogram("stockfold_command_phase_seconds",
                 "The same time by phase: queue, then decide, append and sync of its commit.");
  text.add(metrics.queue, kSeconds, {{"phase", "queue"}});
  text.add(metrics.decide, kSeconds, {{"phase", "decide"}});
  text.add(metrics.append, kSeconds, {{"phase", "append"}});
  text.add(metrics.sync, kSeconds, {{"phase", "sync"}});
}

void add_commits(Exposition& text, const Metrics& metrics) {
  text.counter("stockfold_commits_total", "Commits appended to the log.");
  text.add(metrics.commits);
  text.histogram("stockfold_commit_commands", "Commands answered by one commit.");
  text.add(metrics.commit_commands, kOne);
  text.histogram("stockfold_commit_events", "Events of one commit.");
  text.add(metrics.commit_events, kOne);
  text.histogram("stockfold_commit_bytes", "Size of one commit's record.");
  text.add(metrics.commit_bytes, kOne);
}

void add_queue(Exposition& text, const Readings& now) {
  text.gauge("stockfold_queue_commands", "Commands waiting for their commit.");
  text.add(now.load.commands);
  text.gauge("stockfold_queue_commands_limit",
             "Commands that may wait; further ones are refused as overloaded.");
  text.add(now.limits.queue_limit);
  text.gauge("stockfold_queue_lines", "Order lines of the commands that wait.");
  text.add(now.load.lines);
  text.gauge("stockfold_queue_lines_limit",
             "Order lines that may wait; commands beyond are refused as overloaded.");
  text.add(now.limits.queue_lines);
  text.counter("stockfold_overloaded_total", "Commands refused as overloaded, by cause.");
  text.add(now.load.refused_full, {{"cause", "queue_full"}});
  text.add(now.load.refused_behind, {{"cause", "views_behind"}});
}

void add_connections(Exposition& text, const Metrics& metrics, const Readings& now) {
  const std::array<std::pair<std::string_view, const ConnectionCounts*>, 2> protocols = {
      {{"tcp", &metrics.tcp}, {"http", &metrics.http}}};
  const auto add = [&](std::uint64_t ConnectionCounts::* member) {
    for (const auto& [name, counts] : protocols) text.add(counts->*member, {{"protocol", name}});
  };
  text.gauge("stockfold_connections", "Open connections.");
  text.add(now.tcp.open, {{"protocol", "tcp"}});
  text.add(now.http.open, {{"protocol", "http"}});
  text.gauge("stockfold_connections_limit", "Connections that may be open; further ones are rejected.");
  text.add(now.tcp.most, {{"protocol", "tcp"}});
  text.add(now.http.most, {{"protocol", "http"}});
  text.counter("stockfold_connections_accepted_total", "Connections accepted.");
  add(&ConnectionCounts::accepted);
  text.counter("stockfold_connections_turned_away_total", "Connections rejected because too many were open.");
  add(&ConnectionCounts::rejected);
  text.counter("stockfold_connections_let_go_total", "Connections that the ledger closed, by reason.");
  for (const auto& [name, counts] : protocols) {
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
      text.add(counts->closed[i], {{"protocol", name}, {"reason", kReasons[i]}});
    }
  }
  text.counter("stockfold_log_ins_failed_total", "Tokens that were sent and not accepted.");
  text.add(metrics.failed_log_ins);
  text.gauge("stockfold_tokens_unreadable",
             "1 while the token file cannot be read: changes in it, also revocations, have no effect.");
  text.add(as_number(now.tokens_unreadable));
  if (now.certificate_expires) {
    text.gauge("stockfold_tls_certificate_expiry_timestamp_seconds",
               "When the server's certificate expires.");
    text.add(static_cast<double>(now.certificate_expires->value()) / 1'000);
  }
  text.counter("stockfold_received_bytes_total", "Bytes received from clients.");
  add(&ConnectionCounts::received_bytes);
  text.counter("stockfold_sent_bytes_total", "Bytes sent to clients.");
  add(&ConnectionCounts::sent_bytes);
  text.gauge("stockfold_connection_memory_bytes",
             "Memory of unfinished requests and of replies not yet taken.");
  text.add(now.connection_memory);
  text.gauge("stockfold_connection_memory_limit_bytes",
             "Limit of that memory, beyond a small share of each connection.");
  text.add(now.most_connection_memory);
}

void add_views(Exposition& text, const Readings& now) {
  text.gauge("stockfold_view_position", "Position up to which a view holds all events.");
  for (const ViewReading& view : now.views) text.add(view.position.value(), {{"view", view.name}});
  text.gauge("stockfold_view_lag_events", "Events by which a view is behind the log.");
  for (const ViewReading& view : now.views) text.add(lag_of(now, view.position), {{"view", view.name}});
  text.gauge("stockfold_view_lag_limit_events",
             "Lag of the views above which commands are refused as overloaded.");
  text.add(now.most_view_lag);
  text.gauge("stockfold_view_ready", "1 if a view may be read, 0 while it is built.");
  for (const ViewReading& view : now.views) text.add(as_number(view.ready), {{"view", view.name}});
  text.gauge("stockfold_view_lag_seconds", "Age of the oldest commit that a ready view lacks.");
  text.add(now.view_lag_seconds);
  text.counter("stockfold_rebuilds_total",
               "Views rebuilt, by result of the comparison with the view in use.");
  for (std::size_t i = 0; i < kFindings.size(); ++i) text.add(now.rebuilds[i], {{"finding", kFindings[i]}});
  text.gauge("stockfold_rebuild_running", "1 while a view is rebuilt.");
  text.add(as_number(now.rebuilding));
}

void add_store(Exposition& text, const Readings& now) {
  text.gauge("stockfold_log_position", "Position of the last event of the log.");
  text.add(now.head.position.value());
  text.gauge("stockfold_log_epoch", "Life of the log: higher after every restore.");
  text.add(std::uint64_t{now.head.epoch.value()});
  text.gauge("stockfold_log_last_commit_timestamp_seconds", "Time of the last commit; 0 if there is none.");
  text.add(static_cast<double>(now.head.time.value()) / 1'000);
  const StoreFigures& store = now.sample.store;
  text.gauge("stockfold_disk_bytes", "Size of the files of the log and of the views.");
  text.add(store.log_bytes, {{"part", "log"}});
  text.add(store.view_bytes, {{"part", "views"}});
  text.gauge("stockfold_disk_free_bytes", "Free space of the file system of the data directory.");
  text.add(store.free_bytes);
  text.gauge("stockfold_disk_reserve_bytes",
             "Commands are refused while the file system has less free space.");
  text.add(now.disk_reserve);
  text.gauge("stockfold_sync_under_way_seconds",
             "For how long the present commit has waited for the disk; 0 if none does.");
  text.add(now.sync_seconds);
  text.gauge("stockfold_clock_jump_seconds",
             "Error of the clock while commands are refused for it; below 0: behind the log.");
  text.add(now.clock_jump_seconds);
}

void add_program(Exposition& text, const Readings& now) {
  const ProgramFigures& program = now.sample.program;
  text.gauge("stockfold_build_info", "Always 1; the label is the version of the program.");
  text.add(std::uint64_t{1}, {{"version", now.version}});
  text.counter("process_cpu_seconds_total", "Processor time, user and system.");
  text.add(program.cpu_seconds);
  text.gauge("process_resident_memory_bytes", "Resident memory.");
  text.add(program.resident_bytes);
  text.gauge("process_virtual_memory_bytes", "Virtual memory.");
  text.add(program.virtual_bytes);
  text.gauge("process_open_fds", "Open file descriptors.");
  text.add(program.open_files);
  text.gauge("process_max_fds", "File descriptors that may be open.");
  text.add(program.most_open_files);
  text.gauge("process_start_time_seconds", "When the program began, since 1970.");
  text.add(program.start_seconds);
}

}  // namespace

std::string render(const Metrics& metrics, const Readings& readings) {
  Exposition text;
  add_commands(text, metrics);
  add_http_answers(text, metrics);
  add_latencies(text, metrics);
  add_commits(text, metrics);
  add_queue(text, readings);
  add_connections(text, metrics, readings);
  add_views(text, readings);
  add_store(text, readings);
  for (const NamedFigure& figure : readings.sample.store.of_engine) text.add(figure);
  add_program(text, readings);
  return std::move(text).take();
}

}  // namespace stockfold
