// Many HTTP connections that pipeline, and other clients next to them. All requests are sent before the
// server runs, and the position in an answer shows what had been done by then: no clock decides.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/turn.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

class HttpTurns : public testing::Test {
 protected:
  HttpTurns() {
    server_.stop();
    server_.open();
  }

  /// 6,400 questions, which are answered when the server runs.
  void given_a_crowd() {
    std::string questions;
    for (int i = 0; i < 100; ++i) questions += "GET /head/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 64; ++i) {
      crowd_.push_back(std::make_unique<HttpWire>((*server_).http_endpoint().port()));
      crowd_.back()->send(questions);
      crowd_.back()->finish();
    }
  }
  Wire& given_a_client() {
    clients_.push_back(server_.connect_silently());
    clients_.back()->send(1, ClientHello{.client = "test"});
    return *clients_.back();
  }
  /// How many of the crowd's questions were answered before this many commands had been done.
  std::size_t answered_before(std::uint64_t commands) {
    server_.run();
    std::size_t answered = 0;
    std::size_t all = 0;
    for (const auto& wire : crowd_) {
      for (std::optional<HttpReply> reply = wire->receive(); reply; reply = wire->receive(), ++all) {
        const auto position = boost::json::parse(reply->body).at("position").to_number<std::uint64_t>();
        if (position < commands) ++answered;
      }
    }
    EXPECT_EQ(all, 6'400U);
    return answered;
  }

 private:
  RunningServer server_;
  std::vector<std::unique_ptr<HttpWire>> crowd_;
  std::vector<std::unique_ptr<Wire>> clients_;
};

/// Each connection of the crowd has one turn, of eight requests, at first. With one more turn for each of the
/// client's, nearly all of the crowd is done before the client is.
TEST_F(HttpTurns, LetBusyTcpClientFinishBeforeHttpCrowd) {
  constexpr std::uint64_t kTurns = 10;
  Wire& client = given_a_client();
  for (std::uint64_t i = 1; i <= kTurns * kTurnRequests; ++i) {
    client.send(i + 1, register_product(std::to_string(i), 1));
  }
  given_a_crowd();
  EXPECT_LT(answered_before(kTurns * kTurnRequests), 2'000U);
}

TEST_F(HttpTurns, LetNewTcpClientsFinishBeforeHttpCrowd) {
  constexpr std::uint64_t kClients = 64;
  given_a_crowd();
  for (std::uint64_t i = 1; i <= kClients; ++i) {
    given_a_client().send(2, register_product(std::to_string(i), 1));
  }
  EXPECT_LT(answered_before(kClients), 600U);
}

}  // namespace
}  // namespace stockfold
