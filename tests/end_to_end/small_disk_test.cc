// A served ledger on a small file system, which the ledger itself fills, with a reserve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "end_to_end/program.h"
#include "end_to_end/small_file_system.h"
#include "server/http/wire.h"
#include "storage/codec/body_hash.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr unsigned kWares = 200;
constexpr Units kStock = 1'000'000;
constexpr std::size_t kInFlight = 16;

std::uint16_t http_of(const ServedLedger& ledger) {
  const std::string& line = ledger.ready_line();
  return static_cast<std::uint16_t>(std::stoul(line.substr(line.find("http=127.0.0.1:") + 15)));
}

std::unique_ptr<Client> client_to(const ServedLedger& ledger) {
  auto client = Client::connect({.port = ledger.port(), .reconnects = 0});
  if (!client) throw std::runtime_error(client.error().what);
  return std::move(*client);
}

bool is_out_of_space(const Answer& answer) {
  const auto* failure = std::get_if<Failure>(&answer.outcome);
  return failure != nullptr && failure->code == ErrorCode::out_of_space;
}

class FillingDisk : public testing::Test {
 protected:
  void SetUp() override {
    for (unsigned i = 0; i < kWares; ++i) {
      const auto answer = client_->execute({.body = RegisterProduct{nth_product(i), "", kStock}});
      ASSERT_TRUE(answer && std::holds_alternative<Accepted>(answer->outcome));
    }
  }

  /// A unit of everything.
  Command next_order() {
    Lines lines;
    for (unsigned i = 0; i < kWares; ++i) lines.push_back({nth_product(i), 1});
    return {.body = PlaceOrder{nth_order(orders_++), std::move(lines)},
            .identity = CommandIdentity{draw_command_id(), {}}};
  }

  /// Places orders until one is refused for lack of space, and returns that one.
  Command fill() {
    std::deque<std::pair<Command, std::future<ClientResult<Answer>>>> sent;
    std::optional<Command> refused;
    while (!refused || !sent.empty()) {
      while (!refused && sent.size() < kInFlight) {
        Command command = next_order();
        auto answer = client_->submit(command);
        sent.emplace_back(std::move(command), std::move(answer));
      }
      auto& [command, future] = sent.front();
      const auto answer = future.get();
      if (!answer) throw std::runtime_error(answer.error().what);
      if (std::holds_alternative<Accepted>(answer->outcome)) {
        accepted_.emplace_back(command, *answer);
      } else if (is_out_of_space(*answer)) {
        refused = command;
      } else {
        throw std::runtime_error("refused otherwise: " + message_of(*answer));
      }
      sent.pop_front();
    }
    return *refused;
  }

  /// Sends the refused command until it is accepted.
  void insist(const Command& command) {
    for (;; std::this_thread::sleep_for(10ms)) {
      const auto answer = client_->execute(command);
      ASSERT_TRUE(answer.has_value()) << answer.error().what;
      if (is_out_of_space(*answer)) continue;
      ASSERT_TRUE(std::holds_alternative<Accepted>(answer->outcome));
      EXPECT_FALSE(answer->replayed) << "it left a trace when it was refused";
      accepted_.emplace_back(command, *answer);
      return;
    }
  }

  void expect_reads_alone() {
    const auto ware = client_->product(nth_product(0));
    ASSERT_TRUE(ware.has_value()) << ware.error().what;
    EXPECT_TRUE(client_->order(nth_order(0)).has_value());
    HttpWire http(http_of(ledger_));
    EXPECT_EQ(http.get("/product/product-0/").status, 200);
    EXPECT_EQ(http.get("/order/?limit=5").status, 200);
    EXPECT_EQ(http.get("/health/live").status, 200);
    EXPECT_EQ(http.get("/health/ready").status, 503);
    const HttpReply refused = http.ask("POST", "/order/", "product=product-0");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.header("retry-after"), "");
    EXPECT_THAT(refused.body, HasSubstr("out_of_space"));
    EXPECT_GT(disk_.free_bytes(), 0U);
  }

  SmallFileSystem disk_;
  std::filesystem::path data_ = disk_.path() / "data";
  ServedLedger ledger_{data_, 0, {"--disk-reserve", std::to_string(disk_.reserve())}};
  std::unique_ptr<Client> client_ = client_to(ledger_);
  unsigned orders_ = 0;
  std::vector<std::pair<Command, Answer>> accepted_;
};

TEST_F(FillingDisk, RefusesCommandsUntilThereIsRoomAndLosesNothing) {
  Command refused = fill();
  expect_reads_alone();

  disk_.remove_ballast();
  insist(refused);
  EXPECT_EQ(HttpWire(http_of(ledger_)).get("/health/ready").status, 200);

  disk_.put_ballast_back();
  refused = fill();
  expect_reads_alone();

  disk_.grow();
  insist(refused);
  EXPECT_GT(accepted_.size(), 100U);
  client_.reset();
  EXPECT_EQ(ledger_.terminate(), 0) << "it is the process that began";
  const auto audit = run_program({"audit", "--data", data_.string()});
  EXPECT_EQ(audit.exit_code, 0) << audit.out;

  const ServedLedger again(data_, 0, {"--disk-reserve", "0"});
  const auto client = client_to(again);
  for (const auto& [command, answer] : accepted_) {
    const auto found = client->execute(command);
    ASSERT_TRUE(found && found->replayed) << "an order that was acknowledged is lost";
    EXPECT_EQ(found->outcome, answer.outcome);
  }
  const auto ware = client->product(nth_product(0));
  ASSERT_TRUE(ware.has_value());
  EXPECT_EQ(ware->product->stock(), kStock - accepted_.size()) << "and nothing else was done";
}

}  // namespace
}  // namespace stockfold
