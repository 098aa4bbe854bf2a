// Frames and messages: what a session does for each command besides deciding it. `bytes` is the size of a
// whole frame.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "bench/samples.h"
#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

constexpr std::uint64_t kOrder = 1'234'567;

enum Message : std::int64_t { kPlace, kAbort };

std::string request_frame(std::int64_t message) {
  Command command;
  if (message == kPlace) {
    command.body = PlaceOrder{sample_order(kOrder), {{sample_sku(0), 1}}};
  } else {
    command.body = AbortOrder{sample_order(kOrder), {}};
  }
  std::string frame;
  encode_request({1, CommandRequest{command}}, frame);
  return frame;
}

ReplyMessage reply_to(std::int64_t message) {
  Accepted accepted;
  accepted.subject = StreamId::of(sample_order(kOrder));
  accepted.status = message == kPlace ? OrderStatus::in_progress : OrderStatus::aborted;
  accepted.version = StreamVersion(message == kPlace ? 1 : 2);
  accepted.position = GlobalPosition(2 * kOrder);
  accepted.time = kSampleTime;
  accepted.stock = {{sample_sku(0), kFirstStock - 1}};
  return {1, CommandReply{{accepted, false}}};
}

void parse_frame(benchmark::State& state) {
  const std::string frame = request_frame(state.range(0));
  for (auto _ : state) {
    std::string_view bytes = frame;
    const auto payload = take_frame(bytes);
    if (!payload || !*payload) state.SkipWithError("no frame");
    benchmark::DoNotOptimize(payload);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(frame.size());
}
BENCHMARK(parse_frame)->ArgName("abort")->Arg(kPlace)->Arg(kAbort);

void decode_one_request(benchmark::State& state) {
  const std::string payload = request_frame(state.range(0)).substr(kFrameHeaderBytes);
  for (auto _ : state) {
    auto message = decode_request(payload);
    if (!message) state.SkipWithError("no request");
    benchmark::DoNotOptimize(message);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_one_request)->ArgName("abort")->Arg(kPlace)->Arg(kAbort);

void encode_one_reply(benchmark::State& state) {
  const ReplyMessage message = reply_to(state.range(0));
  std::string out;
  for (auto _ : state) {
    out.clear();
    encode_reply(message, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(encode_one_reply)->ArgName("abort")->Arg(kPlace)->Arg(kAbort);

}  // namespace
}  // namespace stockfold
