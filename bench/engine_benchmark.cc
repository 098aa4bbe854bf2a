// The ledger without network: commands in, one synced commit after the other on disk, answers out. In every
// batch half of the commands place orders and half abort those of the batch before. No view follows, so every
// run has the same length, on its own store.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/samples.h"
#include "projections/views.h"
#include "server/ledger/admit.h"
#include "server/ledger/ledger.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

constexpr std::size_t kCommandsARun = 1U << 19;

bool all_accepted(Ledger& ledger, std::span<const Command> commands) {
  while (!commands.empty()) {
    const Execution execution = ledger.execute(commands, kSampleTime);
    const auto accepted = [](const Answer& answer) {
      return std::holds_alternative<Accepted>(answer.outcome);
    };
    if (execution.fault || !std::ranges::all_of(execution.answers, accepted)) return false;
    commands = commands.subspan(execution.answers.size());
  }
  return true;
}

class Buyers {
 public:
  Buyers(std::size_t products, bool command_ids) : picker_(products), command_ids_(command_ids) {}

  std::vector<Command> next_batch(std::size_t commands) {
    std::vector<Command> batch;
    batch.reserve(commands);
    for (; aborted_ < placed_; ++aborted_) add(batch, AbortOrder{sample_order(aborted_ + 1), {}});
    for (std::size_t i = 0; i < commands / 2; ++i)
      add(batch, PlaceOrder{sample_order(++placed_), picker_.pick(1)});
    return batch;
  }

 private:
  template <class Body>
  void add(std::vector<Command>& batch, Body body) {
    Command& command = batch.emplace_back();
    command.body.template emplace<Body>(std::move(body));
    if (command_ids_) {
      command.identity.emplace();
      ++ids_;
      std::memcpy(command.identity->id.bytes.data(), &ids_, sizeof ids_);
    }
    if (admit(command)) throw std::logic_error("a malformed command");
  }

  ProductPicker picker_;
  bool command_ids_;
  std::uint64_t placed_ = 0, aborted_ = 0, ids_ = 0;
};

std::vector<Command> registrations(std::size_t products) {
  std::vector<Command> commands(products);
  for (std::size_t i = 0; i < products; ++i)
    commands[i].body.emplace<RegisterProduct>(sample_sku(i), std::string(), kFirstStock);
  return commands;
}

void execute_batches(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const auto products = static_cast<std::size_t>(state.range(1));
  const DiskDirectory directory;
  StoreOptions store_options;
  store_options.views = view_names();
  const auto store = rocksdb_engine().open(directory.path() / "store", store_options);
  if (!store) return state.SkipWithError("the store does not open");
  const Views views((*store)->views());
  const auto ledger =
      Ledger::open((*store)->log(), views, LedgerOptions{.cached_aggregates = 2 * kSpreadProducts});
  if (!ledger || !all_accepted(**ledger, registrations(products)))
    return state.SkipWithError("the ledger does not take the products");

  Buyers buyers(products, state.range(2) != 0);
  std::vector<Command> commands;
  std::int64_t executed = 0;
  GlobalPosition before_last_batch = (*ledger)->position();
  for (auto _ : state) {
    state.PauseTiming();
    commands = buyers.next_batch(batch);
    state.ResumeTiming();
    // No views follow, and no command asks for an order again once it is aborted: all may go but the last
    // batch.
    (*ledger)->views_reached(before_last_batch);
    before_last_batch = (*ledger)->position();
    if (!all_accepted(**ledger, commands)) return state.SkipWithError("a command was refused");
    executed += static_cast<std::int64_t>(commands.size());
  }
  state.SetItemsProcessed(executed);
}

void add_cases(std::int64_t batch) {
  auto* cases = benchmark::RegisterBenchmark("execute_batches", execute_batches);
  cases->ArgNames({"batch", "products", "ids"})->UseRealTime();
  cases->Iterations(static_cast<std::int64_t>(kCommandsARun) / batch);
  cases->ArgsProduct({{batch}, {1, kSpreadProducts}, {0, 1}});
}
const bool kAdded = [] {
  for (const std::int64_t batch : {64, 512, 4'096}) add_cases(batch);
  return true;
}();

}  // namespace
}  // namespace stockfold
