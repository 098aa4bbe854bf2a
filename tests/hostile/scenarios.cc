// The behavior of the crowds.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hostile/siege.h"
#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;
using Ending = Behaviour::Ending;

std::string frame_of(Request request) {
  std::string frame;
  encode_request({2, std::move(request)}, frame);
  return frame;
}

std::string hello() {
  std::string frame;
  encode_request({1, ClientHello{.client = "crowd"}}, frame);
  return frame;
}

/// The header of a frame; its checksum is that of an empty payload.
std::string frame_header(std::uint32_t bytes) {
  std::string header;
  for (int i = 0; i < 4; ++i) header += static_cast<char>(bytes >> (8 * i) & 0xffU);
  return header + std::string(4, '\0');
}

Sku large(std::size_t number) { return *Sku::parse("large-" + std::to_string(number)); }

Command receive_one() { return {.body = ReceiveStock{large(0), 1, "a crowd's"}}; }

/// An order that is refused for its last product, after all others were checked.
Command large_order() {
  PlaceOrder place{.order = OrderId::parse("never"), .lines = {}};
  for (std::size_t i = 0; i < 999; ++i) place.lines.push_back({large(i), 1});
  place.lines.push_back({*Sku::parse("zzz"), 1});
  return {.body = std::move(place)};
}

std::string with_wrong_checksum(std::string frame) {
  frame.back() = static_cast<char>(frame.back() ^ 1);
  return frame;
}

/// A command that is no message: its last byte is missing.
std::string malformed() {
  std::string frame;
  encode_request({2, CommandRequest{receive_one()}}, frame);
  std::string cut;
  append_frame(std::string_view(frame).substr(kFrameHeaderBytes, frame.size() - kFrameHeaderBytes - 1), cut);
  return cut;
}

CrowdPlan crowd(std::size_t connections, Behaviour behaviour) {
  return {CrowdPlan::Port::protocol, connections, std::move(behaviour)};
}
CrowdPlan http_crowd(std::size_t connections, Behaviour behaviour) {
  return {CrowdPlan::Port::http, connections, std::move(behaviour)};
}

/// Crowds that do nothing, or next to nothing.
void add_silent(std::vector<Scenario>& all, const SiegeDeadlines& deadlines) {
  const milliseconds byte_pause = std::min(deadlines.frame / 4, milliseconds(1'000));
  all.push_back({"idle",
                 "half of them without a hello, half of them with one",
                 {crowd(5'000, {}), crowd(5'000, {.opening = hello()})},
                 std::max(deadlines.hello, deadlines.idle)});
  all.push_back({"slow-hello",
                 "a byte of the hello now and then",
                 {crowd(1'000, {.repeated = hello(), .piece = 1, .pause = byte_pause})},
                 deadlines.hello});
  all.push_back({"slow-frame",
                 "a byte of a frame of 1 MiB now and then",
                 {crowd(1'000, {.opening = hello() + frame_header(kMaxFrameBytes),
                                .repeated = "x",
                                .piece = 1,
                                .pause = byte_pause})},
                 deadlines.frame});
  all.push_back({"slow-mebibyte",
                 "a frame of 1 MiB that is never whole, 32 KiB at a time",
                 {crowd(256, {.opening = hello() + frame_header(kMaxFrameBytes),
                              .repeated = "x",
                              .piece = 32'768,
                              .pause = deadlines.frame / 16})},
                 deadlines.frame});
  const std::string half = hello() + frame_of(CommandRequest{receive_one()}).substr(0, 12);
  all.push_back({"half-open",
                 "half a frame, then the sending side closed",
                 {crowd(500, {.opening = half, .ending = Ending::half_close, .connects_per_second = 1'000}),
                  crowd(500, {.opening = half, .ending = Ending::reset, .connects_per_second = 1'000})},
                 milliseconds(0)});
}

/// Crowds that do not read.
void add_deaf(std::vector<Scenario>& all, const SiegeDeadlines& deadlines) {
  const milliseconds filled = deadlines.write + milliseconds(5'000);  // first the buffers in between fill
  all.push_back({"deaf-reads",
                 "ask for large orders and lists, and read nothing",
                 {crowd(128, {.opening = hello(),
                              .repeated = frame_of(ShowOrder{.order = *OrderId::parse("large-1")}),
                              .reads = false}),
                  crowd(128, {.opening = hello(), .repeated = frame_of(ListProducts{}), .reads = false})},
                 filled});
  all.push_back({"deaf-followers",
                 "follow all events, and read nothing",
                 {crowd(256, {.opening = hello() + frame_of(FollowEvents{}), .reads = false})},
                 filled});
  all.push_back(
      {"deaf-commands",
       "send commands for ever, and read nothing",
       {crowd(64, {.opening = hello(), .repeated = frame_of(CommandRequest{receive_one()}), .reads = false})},
       filled});
}

/// Crowds that send without end, and read.
void add_talkers(std::vector<Scenario>& all) {
  const auto talkers = [](std::size_t connections, std::string repeated) {
    return crowd(connections, {.opening = hello(), .repeated = std::move(repeated)});
  };
  all.push_back({"pipeline",
                 "one connection that pipelines commands without end",
                 {talkers(1, frame_of(CommandRequest{receive_one()}))},
                 std::nullopt});
  all.push_back(
      {"reads", "ask without end where the log ends", {talkers(16, frame_of(ShowHead{}))}, std::nullopt});
  all.push_back(
      {"malformed", "send commands that are none, without end", {talkers(16, malformed())}, std::nullopt});
  all.push_back({"large-orders",
                 "pipeline orders of 1,000 lines",
                 {talkers(4, frame_of(CommandRequest{large_order()}))},
                 std::nullopt});
}

/// Crowds that connect and disconnect.
void add_storms(std::vector<Scenario>& all, const SiegeDeadlines& deadlines) {
  all.push_back({"storm",
                 "connect and close, half of them with a byte, 5,000 a second",
                 {crowd(500, {.ending = Ending::close, .connects_per_second = 2'500}),
                  crowd(500, {.opening = "x", .ending = Ending::close, .connects_per_second = 2'500})},
                 milliseconds(0)});
  const auto bad = [](std::string opening, std::size_t random_bytes = 0) {
    return crowd(170,
                 {.opening = std::move(opening), .random_bytes = random_bytes, .connects_per_second = 600});
  };
  all.push_back({"bad-frames",
                 "4 GiB announced, wrong checksums, random bytes, 3,600 a second",
                 {bad(hello() + frame_header(0xffffffffU)), bad(frame_header(0xffffffffU)),
                  bad(hello() + with_wrong_checksum(frame_of(ShowHead{}))), bad(hello() + frame_header(0)),
                  bad("", 1'000), bad(hello(), 1'000)},
                 std::max(deadlines.hello, deadlines.frame)});
}

void add_http(std::vector<Scenario>& all, const SiegeDeadlines& deadlines) {
  const std::string get = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string post =
      "POST /health/ready HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4294967296\r\n\r\n";
  const milliseconds pause = deadlines.http / 8;
  all.push_back(
      {"http-slow",
       "a byte of a request's head, or of its body, now and then; nothing at all",
       {http_crowd(80, {.opening = "GET / HTTP/1.1\r\nX: ", .repeated = "x", .piece = 1, .pause = pause}),
        http_crowd(80, {.opening = "POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n",
                        .repeated = "x",
                        .piece = 1,
                        .pause = pause}),
        http_crowd(80, {})},
       deadlines.http});
  all.push_back({"http-deaf",
                 "pipeline requests, and read nothing",
                 {http_crowd(200, {.repeated = get, .reads = false})},
                 std::nullopt});  // their deadline begins when the buffers in between are full
  all.push_back({"http-storm",
                 "requests that are none, bodies of 4 GiB, good ones, each over a connection of its own",
                 {http_crowd(60, {.random_bytes = 1'000, .connects_per_second = 600}),
                  http_crowd(60, {.opening = post, .connects_per_second = 600}),
                  http_crowd(60, {.opening = get, .ending = Ending::close, .connects_per_second = 600})},
                 deadlines.http});
}

}  // namespace

std::vector<Scenario> all_scenarios(double share, const SiegeDeadlines& deadlines) {
  std::vector<Scenario> all;
  add_silent(all, deadlines);
  add_deaf(all, deadlines);
  add_talkers(all);
  add_storms(all, deadlines);
  add_http(all, deadlines);
  for (Scenario& scenario : all) {
    for (CrowdPlan& plan : scenario.crowds) {
      const double count = std::ceil(static_cast<double>(plan.connections) * share);
      plan.connections = static_cast<std::size_t>(count);
      if (share < 1 && plan.behaviour.connects_per_second < Behaviour().connects_per_second) {
        plan.behaviour.connects_per_second *= share;  // the share also scales the rate of connections
      }
    }
  }
  return all;
}

}  // namespace stockfold
