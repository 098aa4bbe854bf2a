// Decides and folds in memory: places an order and aborts it, one commit of 64 commands after the other.
#include <benchmark/benchmark.h>

#include <optional>
#include <utility>
#include <vector>

#include "bench/samples.h"
#include "core/decide.h"
#include "core/evolve.h"
#include "server/ledger/working_set.h"

namespace stockfold {
namespace {

constexpr std::size_t kOrdersACommit = 32;

Product stocked(GlobalPosition position) {
  Product product;
  product.received = kFirstStock;
  product.version = StreamVersion(1);
  product.registered_at = position;
  product.changed_at = position;
  return product;
}

/// Returns false if the command was refused or the event did not fit the state.
bool decide_and_evolve(WorkingSet& aggregates, const Command& command, GlobalPosition& position) {
  auto decision = decide(aggregates, command);
  if (!decision) return false;
  position = position.next();
  RecordedEvent event;
  event.position = position;
  event.time = kSampleTime;
  event.version = decision->version;
  event.event = std::move(decision->event);
  return evolve(aggregates, event).has_value();
}

void place_and_abort(benchmark::State& state) {
  const auto products = static_cast<std::size_t>(state.range(0));
  const auto lines = static_cast<std::size_t>(state.range(1));
  WorkingSet aggregates(kSpreadProducts);
  GlobalPosition position;
  for (std::size_t i = 0; i < products; ++i) {
    position = position.next();
    aggregates.load(sample_sku(i), stocked(position));
  }

  ProductPicker picker(products);
  std::uint64_t order = 0;
  std::vector<Command> commands;
  for (auto _ : state) {
    state.PauseTiming();
    commands.clear();
    for (std::size_t i = 0; i < kOrdersACommit; ++i) {
      const OrderId id = sample_order(++order);
      aggregates.load(id, std::nullopt);
      commands.push_back({.body = PlaceOrder{id, picker.pick(lines)}});
      commands.push_back({.body = AbortOrder{id, {}}});
    }
    state.ResumeTiming();
    for (const Command& command : commands) {
      if (!decide_and_evolve(aggregates, command, position)) {
        state.SkipWithError("a command was refused");
        return;
      }
    }
    aggregates.merge();
    state.PauseTiming();
    aggregates.evict(position, kSpreadProducts);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(2 * kOrdersACommit));
}
BENCHMARK(place_and_abort)
    ->ArgNames({"products", "lines"})
    ->Args({1, 1})
    ->Args({kSpreadProducts, 1})
    ->Args({10, 10})
    ->Args({kSpreadProducts, 10});

}  // namespace
}  // namespace stockfold
