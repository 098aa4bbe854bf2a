// A ledger whose disk stalls: syncs that take tens of seconds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <stockfold/client.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "end_to_end/program.h"
#include "server/http/wire.h"
#include "support/ids.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

/// While it lives, an environment variable is set.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = getenv(name_.c_str())) before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      unsetenv(name_.c_str());
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
  std::optional<std::string> before_;
};

class AStalledDisk : public testing::Test {
 protected:
  AStalledDisk() {
    const char* const sanitizer = getenv("ASAN_OPTIONS");
    const Variable preload("LD_PRELOAD", STOCKFOLD_STALLED_SYNC);
    const Variable flag("STOCKFOLD_STALL", flag_.string());
    const Variable order("ASAN_OPTIONS",
                         (sanitizer ? std::string(sanitizer) + ":" : "") + "verify_asan_link_order=0");
    ledger_ = std::make_unique<ServedLedger>(data_);
  }
  ~AStalledDisk() override { go_on(); }

  void stall() const { std::ofstream(flag_).put('\n'); }
  void go_on() const { std::filesystem::remove(flag_); }

  [[nodiscard]] HttpReply get(const std::string& target) const {
    constexpr std::string_view kAddress = "http=127.0.0.1:";
    const std::string& ready = ledger_->ready_line();
    const auto port = std::stoul(ready.substr(ready.find(kAddress) + kAddress.size()));
    return HttpWire(static_cast<std::uint16_t>(port)).get(target);
  }
  void await_stalled_commit() const {
    while (get("/health/ready").status == 200) std::this_thread::sleep_for(10ms);
  }
  [[nodiscard]] std::unique_ptr<Client> client() const {
    return Client::connect({.port = ledger_->port(), .request_timeout = 5min}).value();
  }

  TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path() / "data";
  const std::filesystem::path flag_ = directory_.path() / "stall";
  std::unique_ptr<ServedLedger> ledger_;
};

bool is_accepted(const ClientResult<Answer>& answer) {
  return answer && std::holds_alternative<Accepted>(answer->outcome);
}

/// Clients that each place one order after the other.
class Shops {
 public:
  explicit Shops(std::vector<std::unique_ptr<Client>> clients) {
    for (auto& client : clients) {
      threads_.emplace_back([this, client = std::move(client)] {
        while (!done_) {
          const auto answer = client->execute({.body = PlaceOrder{std::nullopt, {{sku("A"), 1}}}});
          ++(is_accepted(answer) ? accepted_ : others_);
        }
      });
    }
  }
  ~Shops() { end(); }
  Shops(const Shops&) = delete;
  Shops& operator=(const Shops&) = delete;

  void end() {
    done_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  [[nodiscard]] Units accepted() const { return accepted_; }
  [[nodiscard]] Units others() const { return others_; }

 private:
  std::atomic<bool> done_ = false;
  std::atomic<Units> accepted_ = 0;
  std::atomic<Units> others_ = 0;
  std::vector<std::thread> threads_;
};

TEST_F(AStalledDisk, LeavesProbesAndMetricsAnsweredUnderLoad) {
  const auto first = client();
  ASSERT_TRUE(is_accepted(first->execute({.body = RegisterProduct{sku("A"), "", 100'000'000}})));
  EXPECT_EQ(get("/health/ready").status, 200);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(client());
  Shops shops(std::move(clients));
  while (shops.accepted() < 100) std::this_thread::sleep_for(1ms);

  stall();
  await_stalled_commit();
  const Units before = shops.accepted();
  Clock::duration slowest{0};
  for (const auto end = Clock::now() + 40s; Clock::now() < end; std::this_thread::sleep_for(20ms)) {
    for (const char* target : {"/health/live", "/metrics", "/product/A/"}) {
      const auto asked = Clock::now();
      EXPECT_EQ(get(target).status, 200) << target;
      slowest = std::max(slowest, Clock::now() - asked);
    }
    const HttpReply ready = get("/health/ready");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, HasSubstr("sync under way for "));
  }
  EXPECT_LT(slowest, 1s);
  RecordProperty("slowest_ms", static_cast<int>(slowest / 1ms));
  EXPECT_EQ(shops.accepted(), before) << "nothing is answered that is not on disk";

  go_on();
  while (get("/health/ready").status != 200) std::this_thread::sleep_for(10ms);
  while (shops.accepted() < before + 100) std::this_thread::sleep_for(1ms);
  shops.end();
  EXPECT_EQ(shops.others(), 0U);
  EXPECT_EQ(first->product(sku("A"))->product.value().in_progress, shops.accepted());
  EXPECT_EQ(ledger_->terminate(), 0);
  EXPECT_EQ(run_program({"audit", "--data", data_.string()}).exit_code, 0);
}

TEST_F(AStalledDisk, DelaysAShutdownUntilTheCommitIsAnswered) {
  const auto shop = client();
  ASSERT_TRUE(is_accepted(shop->execute({.body = RegisterProduct{sku("A"), "", 10}})));
  stall();
  auto answer = shop->submit({.body = PlaceOrder{std::nullopt, {{sku("A"), 1}}}});
  await_stalled_commit();
  kill(ledger_->pid(), SIGTERM);
  EXPECT_EQ(answer.wait_for(1s), std::future_status::timeout);
  EXPECT_EQ(get("/health/live").status, 200);
  go_on();
  EXPECT_TRUE(is_accepted(answer.get()));
  EXPECT_EQ(ledger_->wait(), 0);
}

}  // namespace
}  // namespace stockfold
