#include "end_to_end/crash_load.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>

#include "core/evolve.h"
#include "projections/views.h"
#include "storage/codec/body_hash.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"
#include "support/ids.h"

namespace stockfold {
namespace {

constexpr std::size_t kDepth = 32;
constexpr unsigned kProducts = 6;

std::unique_ptr<Client> connect(std::uint16_t port) {
  auto client = Client::connect({.port = port, .reconnects = 0});
  if (!client) throw std::runtime_error(client.error().what);
  return std::move(*client);
}

Command any_command(std::mt19937_64& random, std::size_t client, std::uint64_t number) {
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
      command.body = ReceiveStock{nth_product(random() % 3), static_cast<Quantity>(random() % 3 + 1), ""};
      break;
    default:
      command.body =
          PlaceOrder{name(number), {{nth_product(random() % 3), 1}, {nth_product(3 + random() % 3), 1}}};
      break;
  }
  command.identity = CommandIdentity{draw_command_id(), {}};
  return command;
}

/// Whether an answer gives the outcome of a command.
bool settles(const Answer& answer) {
  const auto* failure = std::get_if<Failure>(&answer.outcome);
  return failure == nullptr ||
         (failure->code != ErrorCode::outcome_unknown && failure->code != ErrorCode::overloaded);
}

std::size_t hash_of(const Answer& answer) {
  std::string bytes;
  encode_answer(1, Answer{answer.outcome}, bytes);
  return std::hash<std::string>()(bytes);
}

class FoldedLog final : public Aggregates {
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

}  // namespace

void CrashLoad::register_products(const ServedLedger& server) {
  const auto client = connect(server.port());
  for (unsigned i = 0; i < kProducts; ++i) {
    const CommandIdentity identity{draw_command_id(), {}};
    const auto answer = client->execute(
        {.body = RegisterProduct{nth_product(i), "", i < 3 ? 20U : 1'000'000'000U}, .identity = identity});
    if (!answer) throw std::runtime_error(answer.error().what);
    outcomes_.push_back({identity.id, hash_of(*answer)});
  }
}

void CrashLoad::begin(const ServedLedger& server) {
  stopping_ = false;
  answers_ = 0;
  for (std::size_t client = 0; client < kClients; ++client) {
    // All clients connect before anything happens to the server.
    clients_.push_back(
        std::async(std::launch::async, [this, connection = connect(server.port()), client, seed = random_()] {
          return load(*connection, client, seed);
        }));
  }
}

std::vector<CrashLoad::Sent> CrashLoad::load(Client& connection, std::size_t client, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Sent> sent;
  std::vector<std::future<ClientResult<Answer>>> outcomes;
  std::size_t awaited = 0;
  bool lost = false;
  for (;;) {
    while (!lost && !stopping_ && outcomes.size() - awaited < kDepth) {
      sent.push_back({any_command(random, client, numbers_[client]++), std::nullopt});
      outcomes.push_back(connection.submit(sent.back().command));
    }
    if (awaited == outcomes.size()) return sent;
    auto outcome = outcomes[awaited].get();
    if (outcome && settles(*outcome)) {
      sent[awaited].answer = std::move(*outcome);
      ++answers_;
    }
    lost = lost || !outcome;
    ++awaited;
  }
}

void CrashLoad::end() {
  for (auto& client : clients_) round_.push_back(client.get());
  clients_.clear();
  for (const auto& sent : round_) {
    const auto acknowledged =
        std::ranges::count_if(sent, [](const Sent& one) { return one.answer.has_value(); });
    tally_.sent += sent.size();
    tally_.acknowledged += static_cast<std::uint64_t>(acknowledged);
  }
  tally_.unknown = tally_.sent - tally_.acknowledged;
}

void CrashLoad::retry(const ServedLedger& server) {
  for (auto& sent : round_) retry_all(server, sent);
  for (const auto& sent : round_) {
    for (const Sent& one : sent) {
      if (!one.answer) continue;
      outcomes_.push_back({one.command.identity->id, hash_of(*one.answer)});
      tally_.accepted += std::holds_alternative<Accepted>(one.answer->outcome) ? 1U : 0U;
    }
  }
  round_.clear();
}

void CrashLoad::retry_all(const ServedLedger& server, std::vector<Sent>& sent) {
  const auto connection = connect(server.port());
  std::vector<std::future<ClientResult<Answer>>> outcomes;
  for (const Sent& one : sent) outcomes.push_back(connection->submit(one.command));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto outcome = outcomes[i].get();
    if (!outcome) return break_promise("a command could not be sent again: " + outcome.error().what);
    if (!settles(*outcome)) return break_promise("a command that was sent again had no outcome");
    if (sent[i].answer && !outcome->replayed) ++tally_.lost;
    if (sent[i].answer && outcome->outcome != sent[i].answer->outcome) ++tally_.changed;
    sent[i].answer = *outcome;
  }
}

void CrashLoad::break_promise(const std::string& what) {
  if (tally_.broken.empty()) tally_.broken = what;
}

// ---- the log, read from the disk --------------------------------------------------------------------------

void CrashLoad::check(const std::filesystem::path& data) {
  std::ranges::sort(outcomes_, {}, &Outcome::id);
  const auto store = rocksdb_engine().open(data, {.views = view_names(), .create = false});
  if (!store) return break_promise("the store does not open: " + store.error().what);
  FoldedLog fold;
  const auto cursor = (*store)->log().read(GlobalPosition(1));
  for (;; ++tally_.commits) {
    const auto commit = cursor->next();
    if (!commit) return break_promise("the log cannot be read: " + commit.error().what);
    if (*commit == nullptr) break;
    for (const RecordedEvent& event : (*commit)->events) {
      const auto folded = evolve(fold, event);
      if (!folded) return break_promise("an event that cannot have happened: " + folded.error().what);
      if (event.identity) check_event(event);
    }
  }
  tally_.lost += static_cast<std::uint64_t>(
      std::ranges::count_if(outcomes_, [](const Outcome& outcome) { return !outcome.seen; }));
  const Views views((*store)->views());
  for (const auto& [sku, product] : fold.products) {
    const auto row = views.product(sku);
    if (!row || row->state != product) break_promise("the view has another stock of " + sku.str());
  }
}

void CrashLoad::check_event(const RecordedEvent& event) {
  const auto found = std::ranges::lower_bound(outcomes_, event.identity->id, {}, &Outcome::id);
  if (found == outcomes_.end() || found->id != event.identity->id) {
    ++tally_.invented;
  } else if (found->seen) {
    ++tally_.twice;
  } else {
    found->seen = true;
    if (found->hash != hash_of(answer_recorded_by(event))) ++tally_.changed;
  }
}

}  // namespace stockfold
