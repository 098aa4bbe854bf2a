// kill -9 under pipelined load, again and again: what was acknowledged is there, once, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clients/client.h"
#include "core/evolve.h"
#include "end_to_end/program.h"
#include "projections/views.h"
#include "storage/body_hash.h"
#include "storage/store.h"

namespace stockfold {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kKills = 10;  // sanitized processes are slow; the fifty are killed in the other builds
#else
constexpr int kKills = 50;
#endif
constexpr int kClients = 4;
constexpr std::size_t kDepth = 32;

/// A command that was sent, and its outcome if one came back.
struct Sent {
  Command command;
  std::optional<Answer> answer;
};

Sku product(std::uint64_t number) { return *Sku::parse("product-" + std::to_string(number)); }

std::unique_ptr<Client> connect(const ServedLedger& server) {
  auto client = Client::connect({.port = server.port(), .reconnects = 0});
  if (!client) throw std::runtime_error(client.error().what);
  return std::move(*client);
}

/// Some are refused: orders that are not there, orders aborted twice, more than is in stock.
Command any_command(std::mt19937_64& random, int client, std::uint64_t number) {
  const auto name = [&](std::uint64_t of) {
    return *OrderId::parse("c" + std::to_string(client) + "-" + std::to_string(of));
  };
  const std::uint64_t earlier = number - random() % std::min<std::uint64_t>(number + 1, 50);
  Command command;
  switch (random() % 5) {
    case 0:
      command.body = AbortOrder{name(earlier), "crash test"};
      break;
    case 1:
      command.body = FulfilOrder{name(earlier), ""};
      break;
    case 2:
      command.body = ReceiveStock{product(random() % 3), static_cast<Quantity>(random() % 3 + 1), ""};
      break;
    default:
      command.body = PlaceOrder{name(number), {{product(random() % 3), 1}, {product(3 + random() % 3), 1}}};
      break;
  }
  command.identity = CommandIdentity{draw_command_id(), {}};
  return command;
}

/// Keeps kDepth commands in flight until the server is gone.
std::vector<Sent> load(const ServedLedger& server, int client, std::uint64_t seed, std::uint64_t& number) {
  std::mt19937_64 random(seed);
  const auto connection = connect(server);
  std::vector<Sent> sent;
  std::vector<std::future<ClientResult<Answer>>> outcomes;
  std::size_t awaited = 0;
  for (bool lost = false; !lost || awaited < outcomes.size();) {
    while (!lost && outcomes.size() - awaited < kDepth) {
      sent.push_back({any_command(random, client, number++), std::nullopt});
      outcomes.push_back(connection->submit(sent.back().command));
    }
    auto outcome = outcomes[awaited].get();
    if (outcome) {
      sent[awaited].answer = std::move(*outcome);
    } else {
      lost = true;
    }
    ++awaited;
  }
  return sent;
}

/// Sends every command again: who had an answer gets it again, who had none gets its one outcome now.
void retry(const ServedLedger& server, std::vector<Sent>& sent) {
  const auto connection = connect(server);
  std::vector<std::future<ClientResult<Answer>>> outcomes;
  for (const Sent& one : sent) outcomes.push_back(connection->submit(one.command));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto outcome = outcomes[i].get();
    ASSERT_TRUE(outcome.has_value()) << outcome.error().what;
    if (sent[i].answer) {
      EXPECT_TRUE(outcome->replayed) << "an acknowledged command was not there any more";
      EXPECT_EQ(outcome->outcome, sent[i].answer->outcome) << "a command id had another outcome";
    }
    sent[i].answer = *outcome;
  }
}

class Fold final : public Aggregates {
 public:
  [[nodiscard]] const Product* find(const Sku& sku) const override { return found(products, sku); }
  [[nodiscard]] const Order* find(const OrderId& order) const override { return found(orders, order); }
  std::optional<Product>& edit(const Sku& sku) override { return products[sku]; }
  std::optional<Order>& edit(const OrderId& order) override { return orders[order]; }

  std::map<Sku, std::optional<Product>> products;
  std::map<OrderId, std::optional<Order>> orders;

 private:
  template <class Id, class State>
  static const State* found(const std::map<Id, std::optional<State>>& in, const Id& id) {
    const auto at = in.find(id);
    return at == in.end() || !at->second ? nullptr : &*at->second;
  }
};

TEST(Crash, LosesNothingAcknowledgedOverManyKills) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  TemporaryDirectory directory;
  const auto data = directory.path() / "data";

  std::vector<std::vector<Sent>> all;
  std::vector<std::uint64_t> numbers(kClients, 0);
  std::vector<double> restarts;
  auto server = std::make_unique<ServedLedger>(data);
  for (unsigned i = 0; i < 6; ++i) {
    ASSERT_TRUE(
        connect(*server)->execute({.body = RegisterProduct{product(i), "", i < 3 ? 20U : 1'000'000U}}));
  }

  for (int kill = 0; kill < kKills; ++kill) {
    std::vector<std::future<std::vector<Sent>>> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.push_back(std::async(std::launch::async, [&, client, load_seed = random()] {
        return load(*server, client, load_seed, numbers[static_cast<std::size_t>(client)]);
      }));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 200));  // the load is the test
    server->kill();
    std::vector<std::vector<Sent>> sent;
    for (auto& client : clients) sent.push_back(client.get());

    server = std::make_unique<ServedLedger>(data);
    restarts.push_back(server->seconds_to_ready());
    for (auto& one : sent) {
      ASSERT_NO_FATAL_FAILURE(retry(*server, one));
      all.push_back(std::move(one));
    }
  }
  EXPECT_EQ(server->terminate(), 0);

  // the log, read from the disk: the chain holds, every event can have happened, and the answers are what it
  // says
  auto store = open_store(data, {.views = view_names(), .create = false});
  ASSERT_TRUE(store.has_value()) << store.error().what;
  std::map<CommandId, RecordedEvent> outcomes;
  Fold fold;
  const auto cursor = (*store)->log().read(GlobalPosition(1));
  std::uint64_t commits = 0;
  for (;;) {
    const auto commit = cursor->next();
    ASSERT_TRUE(commit.has_value()) << commit.error().what;
    if (*commit == nullptr) break;
    ++commits;
    for (const RecordedEvent& event : (*commit)->events) {
      const auto folded = evolve(fold, event);
      ASSERT_TRUE(folded.has_value()) << folded.error().what;
      if (event.identity) {
        EXPECT_TRUE(outcomes.emplace(event.identity->id, event).second) << "a command id happened twice";
      }
    }
  }
  std::size_t accepted = 0;
  std::size_t commands = 0;
  for (const auto& sent : all) {
    for (const Sent& one : sent) {
      const auto event = outcomes.find(one.command.identity->id);
      ASSERT_NE(event, outcomes.end()) << "an acknowledged command is not in the log";
      EXPECT_EQ(outcome_of(event->second), one.answer->outcome);
      accepted += std::holds_alternative<Accepted>(one.answer->outcome) ? 1U : 0U;
      ++commands;
    }
  }
  EXPECT_EQ(outcomes.size(), commands + 6) << "the log holds a command that nobody sent";
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, commands) << "the load should be refused now and then";
  const Views views((*store)->views());
  for (const auto& [sku, product] : fold.products) EXPECT_EQ(views.product(sku)->state, product);

  std::ranges::sort(restarts);
  std::printf(
      "%d kills, %zu commands (%zu accepted), %llu commits; restart to ready: median %.3f s, longest %.3f "
      "s\n",
      kKills, commands, accepted, static_cast<unsigned long long>(commits), restarts[restarts.size() / 2],
      restarts.back());
}

}  // namespace
}  // namespace stockfold
