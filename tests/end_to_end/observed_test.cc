// What a served ledger exposes: metrics, and its log.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::MatchesRegex;

/// The ledger's answer to a GET: head and body.
std::string get(const ServedLedger& ledger, const std::string& target) {
  constexpr std::string_view kAddress = "http=127.0.0.1:";
  const std::string& ready = ledger.ready_line();
  const auto port = std::stoul(ready.substr(ready.find(kAddress) + kAddress.size()));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the ledger cannot be connected to");
  }
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(write(connection, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4'096> chunk{};
  for (ssize_t count = 0; (count = ::read(connection, chunk.data(), chunk.size())) > 0;) {
    answer.append(chunk.data(), static_cast<std::size_t>(count));
  }
  close(connection);
  return answer;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(LedgerLogging, WritesJsonLinesAndAccessLog) {
  TemporaryDirectory directory;
  ServedLedger ledger(directory.path() / "data", 0, {"--log-format", "json", "--access-log"});
  EXPECT_THAT(get(ledger, "/no%1bthing"), HasSubstr("HTTP/1.1 404"));
  EXPECT_THAT(get(ledger, "/health/live"), HasSubstr("HTTP/1.1 200"));
  EXPECT_EQ(ledger.terminate(), 0);

  const auto lines = lines_of(directory.path() / "serve.log");
  EXPECT_THAT(
      lines,
      Each(MatchesRegex(R"(\{"time":"[-0-9]{10}T[0-9:]{8}\.[0-9]{3}Z","level":"[a-z]+","message":".*\})")));
  EXPECT_THAT(lines, Contains(HasSubstr(R"("message":"heads are signed with the key )")));
  EXPECT_THAT(lines, Contains(HasSubstr(R"("method":"GET","target":"/health/live","status":200,)")));
}

TEST(LedgerLogging, WritesToLogFile) {
  TemporaryDirectory directory;
  const auto file = directory.path() / "ledger.log";
  ServedLedger ledger(directory.path() / "data", 0, {"--log-file", file.string(), "--log-level", "info"});
  EXPECT_EQ(ledger.terminate(), 0);
  EXPECT_THAT(lines_of(file), Contains(HasSubstr("[info] heads are signed with the key ")));
  EXPECT_TRUE(lines_of(directory.path() / "serve.log").empty());
}

TEST(LedgerLogging, RefusesInvalidLogOptions) {
  TemporaryDirectory directory;
  const auto errors = directory.path() / "errors";
  const auto data = (directory.path() / "data").string();
  EXPECT_EQ(run_program({"serve", "--data", data, "--log-level", "loud"}, errors).exit_code, 2);
  EXPECT_THAT(lines_of(errors), Contains(HasSubstr("--log-level")));
  EXPECT_EQ(run_program({"serve", "--data", data, "--log-keep", "3"}, errors).exit_code, 2);
}

TEST(LedgerLogging, ServesMetricsOverHttp) {
  TemporaryDirectory directory;
  ServedLedger ledger(directory.path() / "data");
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", ledger.address()});
    return run_program(arguments).exit_code;
  };
  EXPECT_EQ(run({"product", "register", "A", "--stock", "1"}), 0);
  EXPECT_EQ(run({"order", "place", "--line", "A"}), 0);
  EXPECT_EQ(run({"order", "place", "--line", "A"}), 3);
  const std::string answer = get(ledger, "/metrics");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer,
              HasSubstr("\nstockfold_commands_total{command=\"PlaceOrder\",outcome=\"accepted\"} 1\n"));
  EXPECT_THAT(
      answer,
      HasSubstr("\nstockfold_commands_total{command=\"PlaceOrder\",outcome=\"insufficient_stock\"} 1\n"));
  EXPECT_THAT(answer, HasSubstr("\nstockfold_log_position 3\n"));
  EXPECT_THAT(answer, MatchesRegex("[^\x01]*stockfold_build_info\\{version=\"[0-9.]+\"\\} 1\n[^\x01]*"));
}

}  // namespace
}  // namespace stockfold
