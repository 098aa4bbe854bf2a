// What the ledger counts, and how it exposes the counts.
#include "server/metrics/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/wire.h"
#include "server/metrics/example_metrics.h"
#include "server/metrics/exposition.h"
#include "server/metrics/exposition_rules.h"
#include "server/metrics/metrics_text.h"
#include "server/metrics/query_kind.h"
#include "server/running_server.h"
#include "server/world.h"
#include "storage/golden.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;

// ---- histograms -------------------------------------------------------------------------------------------

TEST(FixedHistogram, CountsValueInFirstBucketThatHoldsIt) {
  static constexpr std::array<std::uint64_t, 3> kBounds = {10, 20, 40};
  FixedHistogram histogram(kBounds);
  for (const std::uint64_t value : {0U, 10U, 11U, 20U, 40U}) histogram.observe(value);
  histogram.observe(41, 5);
  EXPECT_EQ(std::vector(histogram.counts().begin(), histogram.counts().end()),
            (std::vector<std::uint64_t>{2, 2, 1, 5}));
  EXPECT_EQ(histogram.sum(), 81U + 5 * 41);
}

TEST(FixedHistogram, HasAscendingBounds) {
  EXPECT_TRUE(std::ranges::is_sorted(kDurationBounds));
  EXPECT_TRUE(std::ranges::is_sorted(kCountBounds));
  EXPECT_TRUE(std::ranges::is_sorted(kByteBounds));
}

TEST(Metrics, CountEveryPhaseOfACommandOnce) {
  const Metrics metrics = example_metrics();
  const auto count = [](const FixedHistogram& histogram) {
    return std::accumulate(histogram.counts().begin(), histogram.counts().end(), std::uint64_t{0});
  };
  for (const auto* phase :
       {&metrics.queue, &metrics.decide, &metrics.append, &metrics.sync, &metrics.whole}) {
    EXPECT_EQ(count(*phase), 3U);
  }
  EXPECT_EQ(metrics.queue.sum(), 2 * 3'000'000U + 40'000);
  EXPECT_EQ(metrics.append.sum(), 3 * 50'000U) << "what was not the sync";
  EXPECT_EQ(metrics.whole.sum(), 3'000'000U * 2 + 40'000 + 3 * 1'000'000);
}

TEST(Metrics, CountNoAppendForCommitWithoutEvents) {
  Metrics metrics;
  const std::vector<Command> commands = {{.body = PlaceOrder{}}};
  const std::vector<Answer> answers = {{refuse(Rule::unknown_product, "")}};
  const std::vector<std::chrono::steady_clock::time_point> asked(1);
  metrics.count({.commands = commands,
                 .answers = answers,
                 .asked = asked,
                 .events = 0,
                 .begun = {},
                 .deciding = {},
                 .append = {.bytes = 700, .sync = std::chrono::seconds(1)},
                 .answered = {}});
  EXPECT_EQ(metrics.commits, 0U);
  EXPECT_EQ(metrics.sync.sum(), 0U);
  EXPECT_EQ(metrics.commands.of(CommandKind::place_order).refused[1], 1U);
}

TEST(Metrics, CountRequestsOtherThanCommandsByKind) {
  for (const Request& request :
       {Request(ClientHello{}), Request(CommandRequest{}), Request(CommandBatch{}), Request(LogIn{})}) {
    EXPECT_EQ(query_kind_of(request), std::nullopt) << request.index();
  }
  EXPECT_EQ(query_kind_of(ReadEvents{}), QueryKind::read_events);
  EXPECT_EQ(query_kind_of(At{GlobalPosition(1), ShowProduct{}}), QueryKind::at);
  EXPECT_EQ(query_kind_of(FollowTypes{}), QueryKind::follow_types);
  for (std::size_t i = 0; i < kAllQueryKinds.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kAllQueryKinds[i]), i) << name_of(kAllQueryKinds[i]);
  }
  Metrics metrics;
  metrics.count(QueryKind::follow_types);
  EXPECT_EQ(metrics.queries.at(static_cast<std::size_t>(QueryKind::follow_types)), 1U);
}

// ---- the text ---------------------------------------------------------------------------------------------

TEST(MetricsText, EscapesLabelValues) {
  Exposition text;
  text.gauge("a", "What it is.");
  text.add(std::uint64_t{1}, {{"label", "quote \" slash \\ line\n"}, {"other", "x"}});
  EXPECT_EQ(
      std::move(text).take(),
      "# HELP a What it is.\n# TYPE a gauge\na{label=\"quote \\\" slash \\\\ line\\n\",other=\"x\"} 1\n");
}

/// Dashboards and alarms depend on this text: a change of it is a change for users.
TEST(MetricsText, MatchesGoldenFile) {
  const std::string text = render(example_metrics(), example_readings());
  const auto path = golden_path("../server/metrics/all_metrics.txt");
  if (writes_golden()) write_bytes(path, text);
  EXPECT_EQ(text, read_bytes(path));
}

TEST(MetricsText, FollowsExpositionFormat) {
  const ReadMetrics read(render(example_metrics(), example_readings()));
  EXPECT_EQ(read.value(R"(stockfold_commands_total{command="PlaceOrder",outcome="overloaded"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_command_phase_seconds_bucket{phase="queue",le="0.002"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_command_phase_seconds_bucket{phase="queue",le="0.005"})"), 3);
  EXPECT_EQ(read.value(R"(stockfold_view_lag_events{view="movements"})"), 900);
  for (const auto& [name, type] : read.types()) {
    EXPECT_TRUE(name.starts_with("stockfold_") || name.starts_with("process_")) << name;
  }
}

TEST(MetricsText, FollowsExpositionFormatBeforeFirstCount) {
  const ReadMetrics read(render(Metrics(), Readings()));
  EXPECT_EQ(read.value(R"(stockfold_commands_total{command="PlaceOrder",outcome="accepted"})"), 0);
}

/// An alarm on increase() sees a first count only if the series existed before it.
TEST(MetricsText, HasEverySeriesBeforeItsFirstCount) {
  const ReadMetrics fresh(render(Metrics(), example_readings()));
  EXPECT_EQ(fresh.series(), ReadMetrics(render(example_metrics(), example_readings())).series());
  EXPECT_EQ(fresh.value(R"(stockfold_commands_total{command="PlaceOrder",outcome="insufficient_stock"})"), 0);
  EXPECT_EQ(fresh.value(R"(stockfold_errors_total{error="view_not_ready"})"), 0);
  EXPECT_EQ(fresh.value(R"(stockfold_http_answers_total{status="503"})"), 0);
  EXPECT_EQ(fresh.value(R"(stockfold_connections_let_go_total{protocol="http",reason="no_token"})"), 0);
}

// ---- a running server -------------------------------------------------------------------------------------

HttpReply get(Server& server, std::string_view target) {
  return HttpWire(server.http_endpoint().port()).get(target);
}

TEST(ServerMetrics, CountRequestsAndAnswers) {
  RunningServer server({.version = "0.0.1"});
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1))));
  ASSERT_TRUE(accepted(wire->execute(3, with_id(place("1", {{sku("A"), 1}}), 1))));
  ASSERT_TRUE(wire->execute(4, with_id(place("1", {{sku("A"), 1}}), 1)).replayed);
  ASSERT_EQ(rule_of(wire->execute(5, place("2", {{sku("A"), 1}}))), Rule::insufficient_stock);
  ASSERT_EQ(error_code_of(wire->execute(6, receive("A", 0))), ErrorCode::invalid_argument);
  wire->send(7, ShowProduct{.sku = sku("A")});
  wire->receive_as<ProductReply>(7);
  wire->send(8, At{GlobalPosition(99), ShowProduct{.sku = sku("A")}});
  wire->receive_as<ErrorReply>(8);
  wire->send(9, Rebuild{"stock"});
  auto reply = wire->receive();
  while (reply && std::holds_alternative<RebuildingReply>(reply->reply)) reply = wire->receive();

  const auto response = get(*server, "/metrics/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const ReadMetrics read(response.body);
  const auto commands = [&](const std::string& command, const std::string& outcome) {
    return read.value("stockfold_commands_total{command=\"" + command + "\",outcome=\"" + outcome + "\"}");
  };
  EXPECT_EQ(commands("RegisterProduct", "accepted"), 1);
  EXPECT_EQ(commands("PlaceOrder", "accepted"), 1);
  EXPECT_EQ(commands("PlaceOrder", "replayed"), 1);
  EXPECT_EQ(commands("PlaceOrder", "insufficient_stock"), 1);
  EXPECT_EQ(commands("ReceiveStock", "invalid_argument"), 1);
  EXPECT_EQ(read.value(R"(stockfold_queries_total{query="show_product"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_queries_total{query="at"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_errors_total{error="invalid_argument"})"), 1);
  EXPECT_EQ(read.value("stockfold_command_duration_seconds_count"), 4) << "what came to the writer";
  EXPECT_EQ(read.value("stockfold_commits_total"), 2);
  EXPECT_EQ(read.value("stockfold_log_position"), 2);
  EXPECT_GT(read.value("stockfold_commit_bytes_sum"), 100);
  EXPECT_GT(read.value(R"(stockfold_command_phase_seconds_sum{phase="sync"})"), 0);
  EXPECT_LE(read.value(R"(stockfold_command_phase_seconds_sum{phase="sync"})"),
            read.value("stockfold_command_duration_seconds_sum"));
  EXPECT_EQ(read.value(R"(stockfold_connections{protocol="tcp"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_connections_accepted_total{protocol="http"})"), 1);
  EXPECT_GT(read.value(R"(stockfold_received_bytes_total{protocol="tcp"})"), 100);
  EXPECT_GT(read.value(R"(stockfold_sent_bytes_total{protocol="tcp"})"), 100);
  EXPECT_EQ(read.value(R"(stockfold_rebuilds_total{finding="same"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_view_ready{view="movements"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_view_position{view="stock"})"), 2);
  EXPECT_EQ(read.value("stockfold_view_lag_seconds"), 0);
  EXPECT_EQ(read.value(R"(stockfold_build_info{version="0.0.1"})"), 1);
}

TEST(ServerMetrics, AppearAtFirstScrapeBeforeAnyCount) {
  RunningServer server;
  const auto first = ReadMetrics(get(*server, "/metrics").body).series();
  EXPECT_LT(first.size(), 1'000U) << "a scrape has to stay small";
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1))));
  ASSERT_EQ(rule_of(wire->execute(3, place("1", {{sku("B"), 1}}))), Rule::unknown_product);
  wire->send(4, At{GlobalPosition(99), ShowProduct{.sku = sku("A")}});
  wire->receive_as<ErrorReply>(4);
  EXPECT_EQ(get(*server, "/nothing/here/").status, 404);
  EXPECT_EQ(HttpWire((*server).http_endpoint().port()).ask("OPTIONS", "/order/").status, 204);

  EXPECT_EQ(ReadMetrics(get(*server, "/metrics").body).series(), first);
}

TEST(ServerMetrics, CountCommandsRefusedWhileViewsLag) {
  // The views receive a commit at once if a read waits for them, and otherwise within an hour.
  RunningServer server(
      {.engine = {.writer = {.max_view_lag = 0}, .follower = {.gather = std::chrono::hours(1)}}});
  auto wire = server.connect();
  ASSERT_TRUE(accepted(wire->execute(2, register_product("A", 1))));
  for (int refused = 0; refused < 3;) {
    const Answer answer = wire->execute(3, receive("A", 1));
    if (accepted(answer)) continue;
    ASSERT_EQ(error_code_of(answer), ErrorCode::overloaded);
    ++refused;
  }

  const ReadMetrics refused(get(*server, "/metrics").body);
  EXPECT_EQ(refused.value(R"(stockfold_overloaded_total{cause="views_behind"})"), 3);
  EXPECT_EQ(refused.value(R"(stockfold_overloaded_total{cause="queue_full"})"), 0);
  EXPECT_EQ(refused.value(R"(stockfold_commands_total{command="ReceiveStock",outcome="overloaded"})"), 3);
  EXPECT_EQ(refused.value("stockfold_view_lag_limit_events"), 0);

  wire->send(5, ListProducts{});  // waits for the views
  wire->receive_as<ProductsReply>(5);
  EXPECT_TRUE(accepted(wire->execute(6, receive("A", 1))));
  EXPECT_EQ(
      ReadMetrics(get(*server, "/metrics").body).value(R"(stockfold_overloaded_total{cause="views_behind"})"),
      3);
}

TEST(ServerMetrics, ReportStoreAndProcess) {
  RunningServer server;
  const ReadMetrics read(get(*server, "/metrics").body);
  EXPECT_GT(read.value(R"(stockfold_disk_bytes{part="log"})"), 0);
  EXPECT_GT(read.value(R"(stockfold_disk_bytes{part="views"})"), 0);
  EXPECT_GT(read.value("stockfold_disk_free_bytes"), 0);
  EXPECT_GT(read.value(R"(stockfold_rocksdb_memtable_bytes{database="views"})"), 0);
  EXPECT_EQ(read.value("stockfold_rocksdb_block_cache_limit_bytes"), 128 << 20);
  EXPECT_TRUE(read.has(R"(stockfold_rocksdb_tables{database="log",level="6"})"));
  EXPECT_GT(read.value("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(read.value("process_cpu_seconds_total"), 0);
  EXPECT_GT(read.value("process_open_fds"), 3);
  EXPECT_GE(read.value("process_max_fds"), read.value("process_open_fds"));
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(read.value("process_start_time_seconds"), now + 1);
  EXPECT_GT(read.value("process_start_time_seconds"), now - 3'600);
}

TEST(ServerMetrics, ReportWhyConnectionsWereClosed) {
  RunningServer server({.max_connections = 1});
  {
    auto nonsense = server.connect_silently();
    nonsense->send_bytes("GET / HTTP/1.1\r\n\r\n");
    while (nonsense->receive()) {
    }
  }
  {
    HttpWire nonsense((*server).http_endpoint().port());
    nonsense.send("\x16\x03\x01 what is this?\r\n\r\n");
    EXPECT_EQ(nonsense.receive()->status, 400);
  }
  auto client = server.connect();
  EXPECT_FALSE(server.connect_silently()->receive().has_value());
  const ReadMetrics read(get(*server, "/metrics").body);
  EXPECT_EQ(read.value(R"(stockfold_connections_let_go_total{protocol="tcp",reason="malformed"})"), 1);
  EXPECT_EQ(read.value(R"(stockfold_connections_let_go_total{protocol="http",reason="malformed"})"), 1);
  EXPECT_GE(read.value(R"(stockfold_connections_turned_away_total{protocol="tcp"})"), 1);
}

// ---- readiness --------------------------------------------------------------------------------------------

TEST(Readiness, EndsWhenViewsLagOrGatingViewIsLate) {
  Readiness readiness{
      .head = GlobalPosition(100), .applied = GlobalPosition(49), .max_view_lag = 50, .late = {}};
  EXPECT_EQ(readiness.obstacle(), "the views are 51 events behind the log");
  readiness.applied = GlobalPosition(50);
  EXPECT_EQ(readiness.obstacle(), "");
  readiness.late = {{.name = "stock", .gates_commands = true, .position = GlobalPosition(12)}};
  EXPECT_EQ(readiness.obstacle(), "the view stock is being built, up to position 12 of 100");
}

TEST(Readiness, EndsWhereASyncTakesMoreThanASecond) {
  Readiness readiness{
      .head = GlobalPosition(1), .applied = GlobalPosition(1), .max_view_lag = 50, .late = {}};
  readiness.syncing = std::chrono::milliseconds(1'000);
  EXPECT_EQ(readiness.obstacle(), "");
  readiness.syncing = std::chrono::milliseconds(12'700);
  EXPECT_EQ(readiness.obstacle(), "sync under way for 12 s");
}

}  // namespace
}  // namespace stockfold
