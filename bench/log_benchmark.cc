// Appends to the log of a store on disk; each commit is encoded, chained, written and synced.
#include <benchmark/benchmark.h>

#include <utility>
#include <variant>

#include "bench/samples.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

void append_synced(benchmark::State& state) {
  const auto events = static_cast<std::size_t>(state.range(0));
  const DiskDirectory directory;
  const auto store = rocksdb_engine().open(directory.path() / "store", StoreOptions{});
  if (!store) {
    state.SkipWithError("the store does not open");
    return;
  }
  EventLog& log = (*store)->log();
  for (auto _ : state) {
    state.PauseTiming();
    const GlobalPosition end = log.head().position;
    Commit commit = sample_commit(end.next(), events);
    state.ResumeTiming();
    if (!std::holds_alternative<Appended>(log.append(end, std::move(commit)))) {
      state.SkipWithError("the log did not take the commit");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_synced)->ArgName("events")->Arg(1)->Arg(64)->Arg(512)->Arg(4'096)->UseRealTime();

}  // namespace
}  // namespace stockfold
