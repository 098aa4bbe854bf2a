// The program as web frameworks use it: orders over HTTP, across a crash, together with the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/program.h"
#include "server/http/wire.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::uint16_t http_port_of(const ServedLedger& server) {
  constexpr std::string_view kHttp = "http=127.0.0.1:";
  const std::string& line = server.ready_line();
  return static_cast<std::uint16_t>(std::stoul(line.substr(line.find(kHttp) + kHttp.size())));
}

/// The statuses that this many concurrent curl processes get.
std::vector<std::string> statuses_of(int count, const std::string& arguments) {
  std::vector<std::FILE*> running;
  for (int i = 0; i < count; ++i) {
    running.push_back(::popen(("curl -s -o /dev/null -w '%{http_code}' " + arguments).c_str(), "r"));
  }
  std::vector<std::string> statuses;
  for (std::FILE* curl : running) {
    std::array<char, 8> status{};
    if (curl == nullptr || std::fgets(status.data(), status.size(), curl) == nullptr) status = {"none"};
    statuses.emplace_back(status.data());
    if (curl != nullptr) ::pclose(curl);
  }
  std::ranges::sort(statuses);
  return statuses;
}

/// Does what scripts for a plain REST service do: sends back the whole object.
TEST(HttpProgram, LetsOneOfEightCurlProcessesAbortAnOrder) {
  TemporaryDirectory directory;
  ServedLedger server(directory.path() / "data");
  HttpWire shop(http_port_of(server));
  EXPECT_EQ(shop.ask("POST", "/product/", "sku=1&stock=1").status, 201);
  const std::string url = "http://127.0.0.1:" + std::to_string(http_port_of(server)) + "/order/";
  int order = 0;
  for (const std::string fields :
       {"-d product=1 -d _method=PUT", "-d product=1", "-F product=1 -F _method=PUT",
        "-X PUT --json '{\"product\":1,\"status\":\"PR\"}'"}) {
    EXPECT_EQ(statuses_of(1, "-d product=1 " + url), std::vector<std::string>{"201"});
    const std::string abort = fields + " " + url + std::to_string(++order) + "/abort/";
    EXPECT_THAT(statuses_of(8, abort), ElementsAre("200", "409", "409", "409", "409", "409", "409", "409"))
        << fields;
    EXPECT_THAT(shop.get("/product/1/").body, HasSubstr(R"("stock":1,)")) << fields;
  }
}

TEST(HttpProgram, KeepsSingleAbortOfRacingClientsAfterRestart) {
  TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    ServedLedger server(data);
    const std::uint16_t port = http_port_of(server);
    HttpWire shop(port);
    EXPECT_EQ(shop.ask("POST", "/product/", "sku=A&stock=1").status, 201);
    EXPECT_EQ(shop.ask("POST", "/order/", "product=A").header("location"), "1/");
    std::atomic<int> aborted = 0;
    std::atomic<int> in_the_way = 0;
    std::vector<std::thread> racers;
    for (int i = 0; i < 16; ++i) {
      racers.emplace_back([&] {
        const HttpReply reply = HttpWire(port).ask("POST", "/order/1/abort/", "_method=PUT");
        if (reply.status == 200) ++aborted;
        if (reply.status == 409 && reply.body.find("at position 3") != std::string::npos) ++in_the_way;
      });
    }
    for (std::thread& racer : racers) racer.join();
    EXPECT_EQ(aborted, 1);
    EXPECT_EQ(in_the_way, 15);
    EXPECT_EQ(shop.ask("POST", "/order/", "product=A", "Idempotency-Key: cart 9\r\n").status, 201);
    server.kill();
  }
  ServedLedger server(data);
  HttpWire shop(http_port_of(server));
  const HttpReply again = shop.ask("POST", "/order/", "product=A", "Idempotency-Key: cart 9\r\n");
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(again.header("location"), "2/");
  EXPECT_THAT(run_program({"product", "show", "A", "--json", "--server", server.address()}).out,
              HasSubstr(R"("stock":0,)"));
  EXPECT_EQ(server.terminate(), 0);
  EXPECT_TRUE(shop.is_over());
}

}  // namespace
}  // namespace stockfold
