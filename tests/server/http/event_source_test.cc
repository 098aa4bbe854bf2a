// The answer to a browser's EventSource that gets no events.
#include "server/http/event_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "server/access/tokens_for_test.h"
#include "server/http/wire.h"
#include "server/running_server.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kAccepts = "Accept: text/event-stream\r\n";
const std::string kChromium = kAccepts + "Cache-Control: no-cache\r\nSec-Fetch-Mode: cors\r\n";
/// It sends fewer headers to an unencrypted origin.
const std::string kFirefox = kAccepts + "Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11)\r\n";
/// A page's fetch(), and libraries for Python and the shell.
const std::string kOthers[] = {
    kAccepts + "Sec-Fetch-Mode: cors\r\nUser-Agent: Mozilla/5.0 (X11)\r\n",
    kAccepts + "Cache-Control: no-cache\r\nUser-Agent: python-requests/2.28.1\r\n",
    kAccepts + "Cache-Control: no-store\r\nUser-Agent: python-httpx/0.23.3\r\n",
    "Accept: text/event-stream, application/problem+json\r\nCache-Control: no-cache\r\nSec-Fetch-Mode: "
    "cors\r\n",
    kAccepts + "User-Agent: curl/7.88.1\r\n",
};

class EventSource : public testing::Test {
 protected:
  HttpReply ask(const std::string& target, const std::string& headers) {
    return HttpWire((*server_).http_endpoint().port()).ask("GET", target, "", headers);
  }

  RunningServer server_;
};

TEST_F(EventSource, ReportsAnotherLifeOnceThenStops) {
  const std::string before = "Last-Event-ID: 3f2a91c0.1@0\r\n";
  for (const std::string& browser : {kChromium, kFirefox}) {
    const HttpReply told = ask("/events/", browser + before);
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.header("content-type"), "text/event-stream");
    EXPECT_THAT(told.body,
                StartsWith("event: another_life\nid: told:another_life\nretry: 1000\ndata: {\"type\":"
                           "\"another_life\","));
    EXPECT_THAT(told.body, HasSubstr("3f2a91c0.1"));
    EXPECT_TRUE(told.body.ends_with("}\n\n"));
    const HttpReply again = ask("/events/", browser + "Last-Event-ID: told:another_life\r\n");
    EXPECT_EQ(again.status, 204) << "which is how a browser is told not to come back";
  }
  for (const std::string& other : kOthers) {
    EXPECT_EQ(ask("/events/", other + before).status, 409) << other;
    EXPECT_EQ(ask("/events/", other + "Last-Event-ID: told:another_life\r\n").status, 400) << other;
  }
}

TEST_F(EventSource, ReportsInvalidRequest) {
  EXPECT_THAT(ask("/events/?from=x", kChromium).body, StartsWith("event: invalid_argument\nid: told:"));
  EXPECT_THAT(ask("/event/", kChromium).body, StartsWith("event: not_found\nid: told:"));
  EXPECT_EQ(ask("/event/", kOthers[0]).status, 404);
}

TEST(EventSourceWithoutToken, ReceivesUnauthorizedEvent) {
  const TokensForTest tokens({{"reader", {Scope::read}}, {"idle", {Scope::admin}}});
  RunningServer server({.tokens = tokens.path()});
  const auto ask = [&](const std::string& headers) {
    return HttpWire((*server).http_endpoint().port()).ask("GET", "/events/", "", headers);
  };
  EXPECT_THAT(ask(kChromium).body, StartsWith("event: unauthorised\nid: told:"));
  EXPECT_THAT(ask(kChromium + tokens.header("idle")).body, StartsWith("event: forbidden\nid: told:"));
  EXPECT_EQ(ask(kOthers[0]).status, 401);
  EXPECT_EQ(ask(kChromium + tokens.header("reader")).header("transfer-encoding"), "chunked");
}

TEST(EventSourceAheadOfLog, ReceivesOverloadedEventWithRetryDelay) {
  RunningServer server({.session = {.read = std::chrono::milliseconds(50)}});
  const HttpReply told =
      HttpWire((*server).http_endpoint().port()).ask("GET", "/events/?min_position=9", "", kChromium);
  EXPECT_EQ(told.status, 200);
  EXPECT_THAT(told.body, StartsWith("event: overloaded\nretry: 5000\ndata: {"));
}

}  // namespace
}  // namespace stockfold
