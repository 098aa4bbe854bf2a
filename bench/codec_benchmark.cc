// Encodes and decodes events and commits. `bytes` is the size of one event.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/samples.h"
#include "storage/codec/event_codec.h"
#include "storage/log/commit_record.h"

namespace stockfold {
namespace {

void encode_one_event(benchmark::State& state) {
  const RecordedEvent event = sample_event(GlobalPosition(1), state.range(0) != 0);
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    encode_event(event, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(encode_one_event)->ArgName("id")->Arg(0)->Arg(1);

void decode_one_event(benchmark::State& state) {
  std::string bytes;
  encode_event(sample_event(GlobalPosition(1), state.range(0) != 0), bytes);
  for (auto _ : state) {
    std::string_view rest = bytes;
    auto event = decode_event(rest, GlobalPosition(1), kSampleTime);
    if (!event || !rest.empty()) state.SkipWithError("did not decode");
    benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_one_event)->ArgName("id")->Arg(0)->Arg(1);

/// Includes the SHA-256 that chains the commit, and the checksums.
void encode_whole_commit(benchmark::State& state) {
  Commit commit = sample_commit(GlobalPosition(1), static_cast<std::size_t>(state.range(0)));
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string record = encode_commit(commit);
    size = record.size();
    benchmark::DoNotOptimize(record.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes"] = static_cast<double>(size) / static_cast<double>(state.range(0));
}
BENCHMARK(encode_whole_commit)->ArgName("events")->Arg(1)->Arg(64)->Arg(512)->Arg(4'096);

void decode_whole_commit(benchmark::State& state) {
  Commit commit = sample_commit(GlobalPosition(1), static_cast<std::size_t>(state.range(0)));
  const std::string record = encode_commit(commit);
  for (auto _ : state) {
    auto decoded = decode_commit(record, GlobalPosition(1));
    if (!decoded) state.SkipWithError("did not decode");
    benchmark::DoNotOptimize(decoded);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_whole_commit)->ArgName("events")->Arg(1)->Arg(64)->Arg(512)->Arg(4'096);

}  // namespace
}  // namespace stockfold
