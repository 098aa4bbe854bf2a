#include "tools/console/options.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/any_id.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;

/// The error of a program with only the options of `add` for these arguments; nothing if they are right.
template <class Options>
std::string usage_error(void (*add)(CLI::App&, Options&), const std::vector<std::string>& arguments) {
  Options options;
  CLI::App app;
  add(app, options);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

TEST(LineArgument, ParsesSkuAndQuantity) {
  EXPECT_EQ(parse_line("A=3"), (Line{Sku::parse("A").value(), 3}));
  EXPECT_EQ(parse_line("a:b.c-d_e=2147483647"), (Line{Sku::parse("a:b.c-d_e").value(), kMaxQuantity}));
}

TEST(LineArgument, TakesWhatFollowsTheLastEqualsSignAsQuantity) {
  EXPECT_EQ(parse_line("A=B=3"), (Line{Sku::parse("A=B").value(), 3}));
  EXPECT_EQ(parse_line("A==1"), (Line{Sku::parse("A=").value(), 1}));
  EXPECT_EQ(parse_line("==2"), (Line{Sku::parse("=").value(), 2}));
  EXPECT_EQ(parse_line("Schraube M8/40=12"), (Line{Sku::parse("Schraube M8/40").value(), 12}));
  EXPECT_EQ(parse_line("T-Shirt #3, rot"), (Line{Sku::parse("T-Shirt #3, rot").value(), 1}));
}

TEST(LineArgument, DefaultsToOneUnit) { EXPECT_EQ(parse_line("A:1"), (Line{Sku::parse("A:1").value(), 1})); }

TEST(LineArgument, ReportsWhatIsWrong) {
  EXPECT_EQ(parse_line("A=0").error(), "\"0\" is not a whole number from 1 to 2147483647");
  EXPECT_EQ(
      parse_line("A=").error(),
      "\"\" is not a whole number from 1 to 2147483647; for one unit of a SKU with = in it, write A==1");
  EXPECT_EQ(
      parse_line("A=B").error(),
      "\"B\" is not a whole number from 1 to 2147483647; for one unit of a SKU with = in it, write A=B=1");
  EXPECT_EQ(parse_line("=1").error(), "\"\" is not " + std::string(kIdForm));
  EXPECT_EQ(parse_line("A B =1").error(), "\"A B \" is not " + std::string(kIdForm));
}

TEST(EventTypesArgument, SeparatesTypesWithCommas) {
  using enum EventType;
  EXPECT_EQ(parse_event_types("OrderPlaced"), std::vector{order_placed});
  EXPECT_EQ(parse_event_types("ProductRegistered,CommandRefused"),
            (std::vector{product_registered, command_refused}));
  EXPECT_EQ(parse_event_types("OrderPlaced,").error(), "\"\" is no type of events, such as OrderPlaced");
  EXPECT_EQ(parse_event_types("orderplaced").error(),
            "\"orderplaced\" is no type of events, such as OrderPlaced");
}

RC_GTEST_PROP(LineArgument, ReadsBackAsWritten, ()) {
  const auto quantity = *rc::gen::inRange<Quantity>(1, kMaxQuantity);
  const auto sku = any::id_text();
  const auto line = parse_line(sku + '=' + std::to_string(quantity));
  RC_ASSERT(line.has_value());
  RC_ASSERT(line->sku.view() == sku);
  RC_ASSERT(line->quantity == quantity);
}

TEST(QuantityArgument, IsWholeAndInRange) {
  EXPECT_EQ(parse_quantity("1"), 1U);
  EXPECT_EQ(parse_quantity("2147483647"), kMaxQuantity);
  EXPECT_EQ(parse_quantity("010"), 10U);
  for (const char* text :
       {"", "0", "-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "2147483648", "99999999999999999999"}) {
    EXPECT_FALSE(parse_quantity(text)) << text;
  }
}

TEST(SecondsArgument, AcceptsFractions) {
  EXPECT_EQ(parse_seconds("30"), milliseconds(30'000));
  EXPECT_EQ(parse_seconds("0.25"), milliseconds(250));
  for (const char* text : {"", "0", "-1", "nan", "inf", "1s", "86401"})
    EXPECT_FALSE(parse_seconds(text)) << text;
}

TEST(StatusArgument, AcceptsOnlyNamesOfStatuses) {
  EXPECT_EQ(parse_status("in_progress"), OrderStatus::in_progress);
  EXPECT_EQ(parse_status("fulfilled"), OrderStatus::fulfilled);
  EXPECT_FALSE(parse_status("PR"));
}

TEST(StreamArgument, NamesOrderOrProduct) {
  EXPECT_EQ(parse_stream("order/1"), StreamId::of(OrderId::parse("1").value()));
  EXPECT_EQ(parse_stream("product/A"), StreamId::of(Sku::parse("A").value()));
  EXPECT_FALSE(parse_stream("1"));
}

TEST(UsageError, NamesTheArgument) {
  EXPECT_EQ(usage_error(add_call_options, {"--timeout", "soon"}),
            "--timeout: \"soon\" is not a number of seconds from 0.001 to 86400");
  EXPECT_EQ(usage_error(add_call_options, {"--server", "nowhere"}).substr(0, 10), "--server: ");
  EXPECT_EQ(usage_error(add_command_options, {"--command-id", "7"}), "--command-id: \"7\" is not a UUID");
  EXPECT_EQ(usage_error(add_command_options, {"--command-id", "00000000-0000-0000-0000-000000000000"}),
            "--command-id: \"00000000-0000-0000-0000-000000000000\": an id of all zeros was never drawn");
  EXPECT_EQ(usage_error(add_command_options, {"--expect-version", "-1"}).substr(0, 18), "--expect-version: ");
  EXPECT_EQ(usage_error(add_freshness, {"--min-position", "x"}).substr(0, 16), "--min-position: ");
}

TEST(CallOptions, PreferCommandLineOverEnvironment) {
  ::setenv("STOCKFOLD_SERVER", "ledger.example:1", 1);
  CallOptions named;
  CallOptions unnamed;
  CLI::App with;
  CLI::App without;
  add_call_options(with, named);
  add_call_options(without, unnamed);
  with.parse(std::string("--server [::1]:2 --json"));
  without.parse(std::string());
  ::unsetenv("STOCKFOLD_SERVER");

  EXPECT_EQ(named.host, "::1");
  EXPECT_EQ(named.port, 2);
  EXPECT_TRUE(named.json);
  EXPECT_EQ(unnamed.host, "ledger.example");
  EXPECT_EQ(unnamed.port, 1);
  EXPECT_FALSE(unnamed.json);
}

TEST(CommandOptions, ExpectVersionZeroMeansNoStream) {
  CommandOptions options;
  CLI::App app;
  add_command_options(app, options);
  app.parse(std::string("--expect-version 0 --actor alice"));
  EXPECT_EQ(options.expected, ExpectedVersion::no_stream());
  EXPECT_EQ(options.actor, "alice");
}

TEST(MomentArgument, IsPositionOrTime) {
  EXPECT_EQ(parse_moment("0"), Moment(GlobalPosition(0)));
  EXPECT_EQ(parse_moment("18446744073709551615"), Moment(GlobalPosition(UINT64_MAX)));
  EXPECT_EQ(parse_moment("2026-01-02T03:04:05.678Z"), Moment(UnixMillis(1'767'323'045'678)));
  EXPECT_EQ(parse_moment("1969-12-31T23:59:59Z"), Moment(GlobalPosition(0)));
  EXPECT_EQ(parse_moment("-1").error(),
            "\"-1\" is neither a position nor a time such as 2026-01-02T03:04:05Z");
}

TEST(MomentArgument, IsRefusedTogetherWithStale) {
  struct Asked {
    Freshness freshness;
    std::optional<Moment> at;
  };
  const auto add = +[](CLI::App& app, Asked& asked) {
    add_freshness(app, asked.freshness);
    add_at(app, asked.at);
  };
  EXPECT_EQ(usage_error(add, {"--at", "5"}), "");
  EXPECT_EQ(usage_error(add, {"--at", "5", "--min-position", "9"}), "");
  EXPECT_EQ(usage_error(add, {"--at", "5", "--stale"}), "--stale excludes --at");
  EXPECT_NE(usage_error(add, {"--at", "then"}).find("--at"), std::string::npos);
}

TEST(DayArgument, IsDateOrDayOfTime) {
  EXPECT_EQ(parse_day("1970-01-01"), Day(0));
  EXPECT_EQ(parse_day("2026-01-02"), Day(20'455));
  EXPECT_EQ(parse_day("2024-02-29"), Day(19'782));
  EXPECT_EQ(parse_day("2026-01-02T23:59:59.999Z"), Day(20'455));
  EXPECT_EQ(parse_day("2026-01-03T00:30:00+01:00"), Day(20'455));
  for (const char* wrong : {"", "2026-1-2", "2026-02-30", "2026-13-01", "2026-01-00", "1969-12-31", "today",
                            "2026/01/02", "2026-01-02T", "20x6-01-02"}) {
    EXPECT_FALSE(parse_day(wrong)) << wrong;
  }
  EXPECT_EQ(parse_day("tomorrow").error(),
            "\"tomorrow\" is not a day such as 2026-01-02 or a time such as 2026-01-02T03:04:05Z");
}

}  // namespace
}  // namespace stockfold
