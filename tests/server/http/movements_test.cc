// GET /product/SKU/movements/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/text/time_text.h"
#include "server/http/fixture.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// The clocks of a machine on which time passes when the test says so.
struct SetClocks {
  std::shared_ptr<std::atomic<std::int64_t>> wall =
      std::make_shared<std::atomic<std::int64_t>>(parse_rfc3339("2026-03-28T12:00:00Z")->value());

  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.engine.clocks = {
        .wall = [time = wall] { return UnixMillis(*time); },
        .running = [time = wall] { return std::chrono::milliseconds(time->load()); },
    };
    return options;
  }
};

class HttpMovements : public Http {
 protected:
  HttpMovements() : HttpMovements(SetClocks()) {}
  explicit HttpMovements(const SetClocks& clocks) : Http(clocks.options()), clocks_(clocks) {}

  void given_received(std::string_view time, int units) {
    *clocks_.wall = parse_rfc3339(time)->value();
    const auto reply = wire_.ask("POST", "/product/A/receive/", "quantity=" + std::to_string(units));
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  void given_three_days() {
    given_product("A", 0);
    given_received("2026-03-28T22:59:00Z", 1);
    given_received("2026-03-28T23:00:00Z", 2);
    given_received("2026-03-29T21:59:00Z", 4);
    given_received("2026-03-29T22:00:00Z", 8);
  }
  json::value when_read(const std::string& query) {
    const auto reply = wire_.get("/product/A/movements/" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return json::parse(reply.body);
  }
  /// "DATE: units received", for every day of a page.
  static std::vector<std::string> lines_of(const json::value& page) {
    std::vector<std::string> lines;
    for (const json::value& day : page.at("movements").as_array()) {
      lines.push_back(std::string(day.at("day").as_string()) + ": " + json::serialize(day.at("received")));
    }
    return lines;
  }

 private:
  SetClocks clocks_;
};

TEST_F(HttpMovements, AreSummedByDaysOfZone) {
  given_three_days();
  const json::value page = when_read("?zone=Europe/Berlin");
  EXPECT_THAT(lines_of(page), ElementsAre("2026-03-28: 1", "2026-03-29: 6", "2026-03-30: 8"));
  EXPECT_EQ(json::serialize(page.at("movements").at(1)),
            R"({"day":"2026-03-29","begins":"2026-03-28T23:00:00.000Z","ends":"2026-03-29T22:00:00.000Z",)"
            R"("placed":0,"aborted":0,"fulfilled":0,"received":6,"written_off":0,"events":2,"returned":0,)"
            R"("counted_up":0,"counted_down":0,"transferred_in":0,"transferred_out":0})");
  EXPECT_EQ(page.at("sku"), "A");
  EXPECT_EQ(page.at("zone"), "Europe/Berlin");
  EXPECT_TRUE(page.at("next").is_null());
  EXPECT_EQ(page.at("as_of"), 5);
}

TEST_F(HttpMovements, AreThoseOfUtcWithoutZone) {
  given_three_days();
  const json::value page = when_read("");
  EXPECT_EQ(page.at("zone"), "UTC");
  EXPECT_THAT(lines_of(page), ElementsAre("2026-03-28: 3", "2026-03-29: 12"));
  EXPECT_EQ(when_read("?zone=Etc/GMT%2B5").at("zone"), "Etc/GMT+5");
  EXPECT_EQ(when_read("?zone=Etc/GMT+5").at("zone"), "Etc/GMT+5") << "a + that was not percent-encoded";
}

TEST_F(HttpMovements, ArePagedByDays) {
  given_three_days();
  const auto first = wire_.get("/product/A/movements/?zone=Europe/Berlin&limit=2");
  const json::value page = json::parse(first.body);
  EXPECT_THAT(lines_of(page), ElementsAre("2026-03-28: 1", "2026-03-29: 6"));
  const std::string cursor = life() + "@2026-03-30";
  EXPECT_EQ(page.at("next"), json::value(cursor));
  const std::string link = first.header("link");
  ASSERT_THAT(link, HasSubstr("rel=\"next\""));
  EXPECT_THAT(lines_of(when_read(link.substr(1, link.find('>') - 1))), ElementsAre("2026-03-30: 8"));
  EXPECT_THAT(lines_of(when_read("?zone=Europe/Berlin&from=2026-03-29&to=2026-03-29")),
              ElementsAre("2026-03-29: 6"));
}

TEST_F(HttpMovements, SayWhatIsWrong) {
  given_product("A", 1);
  const auto unknown = wire_.get("/product/A/movements/?zone=Europe/Atlantis");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("there is no time zone \\\"Europe/Atlantis\\\""));
  EXPECT_EQ(wire_.get("/product/B/movements/").status, 404);
  for (const char* query :
       {"?from=yesterday", "?to=2026-02-30", "?cursor=0@A", "?limit=0", "?at=1", "?life=00000000.7"})
    EXPECT_NE(wire_.get("/product/A/movements/" + std::string(query)).status, 200) << query;
}

}  // namespace
}  // namespace stockfold
