// The load generator's shortcut makes the same bytes as the protocol.
#include "tools/load/frames.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "protocol/frame.h"
#include "protocol/messages.h"
#include "support/ids.h"
#include "tools/load/connection.h"

namespace stockfold {
namespace {

using OrderIds = RequestWriter::OrderIds;
using Kind = ReplyGlance::Kind;

std::string encoded(std::uint64_t id, Request request) {
  std::string out;
  encode_request({id, std::move(request)}, out, LoadConnection::kVersion);
  return out;
}

/// The payload of a reply's frame.
std::string payload_of(std::uint64_t id, Reply reply) {
  std::string out;
  encode_reply({id, std::move(reply)}, out, LoadConnection::kVersion);
  return out.substr(kFrameHeaderBytes);
}

CommandRequest command(CommandBody body, const std::optional<CommandId>& id) {
  Command command{std::move(body), {}, {}, {}};
  if (id) command.identity = CommandIdentity{*id, {}};
  return {command};
}

std::uint64_t any_number() {
  return *rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
                       [](const std::pair<std::uint64_t, int>& pair) { return pair.first >> pair.second; });
}

std::optional<CommandId> any_command_id() {
  if (*rc::gen::arbitrary<bool>()) return std::nullopt;
  CommandId id;
  for (auto& byte : id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return id;
}

RC_GTEST_PROP(RequestWriter, WritesSameBytesAsProtocol, ()) {
  const bool assigned = *rc::gen::arbitrary<bool>();
  const bool stale = *rc::gen::arbitrary<bool>();
  const RequestWriter writer("run", assigned ? OrderIds::assigned : OrderIds::own, stale);
  const std::string order_prefix = assigned ? "" : "run-";
  const std::uint64_t id = any_number();
  const std::uint64_t number = any_number();
  const OrderId named = order_id(order_prefix + std::to_string(number));
  const Sku product = sku("run-" + std::to_string(number));
  const auto command_id = any_command_id();
  const CommandId* const given = command_id ? &*command_id : nullptr;
  const auto products = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint32_t>>());
  const std::string before = *rc::gen::arbitrary<std::string>();

  const auto expect = [&](const Request& request, const auto& write) {
    std::string out = before;
    write(out);
    RC_ASSERT(out == before + encoded(id, request));
  };

  PlaceOrder place;
  if (!assigned) place.order = named;
  for (const std::uint32_t line : products) place.lines.push_back({sku("run-" + std::to_string(line)), 1});
  expect(command(place, command_id),
         [&](std::string& out) { writer.place(id, number, products, given, out); });
  expect(command(AbortOrder{named, {}}, command_id),
         [&](std::string& out) { writer.abort(id, number, given, out); });
  expect(command(FulfilOrder{named, {}}, command_id),
         [&](std::string& out) { writer.fulfil(id, number, given, out); });
  expect(command(ReceiveStock{product, 1, {}}, command_id),
         [&](std::string& out) { writer.receive(id, number, given, out); });
  expect(ShowProduct{product, {{}, stale}}, [&](std::string& out) { writer.show_product(id, number, out); });
  expect(ShowOrder{named, {{}, stale}}, [&](std::string& out) { writer.show_order(id, number, out); });

  RC_ASSERT(writer.order_name(number) == named.view());
  RC_ASSERT(writer.product_name(number) == product.view());
  RC_ASSERT(writer.is_order(named.view(), number));
  RC_ASSERT(writer.is_product(product.view(), number));
  RC_ASSERT(!writer.is_order(named.view(), number ^ 1U));
}

TEST(RequestWriter, AcceptsLongestRunName) {
  const std::string run(32, 'r');
  const RequestWriter writer(run, OrderIds::own, false);
  const std::vector<std::uint32_t> products(1'000, UINT32_MAX);
  PlaceOrder place{order_id(run + "-" + std::to_string(UINT64_MAX)), {}};
  for (const std::uint32_t line : products) {
    place.lines.push_back({sku(run + "-" + std::to_string(line)), 1});
  }
  std::string out;
  writer.place(UINT64_MAX, UINT64_MAX, products, nullptr, out);
  EXPECT_EQ(out, encoded(UINT64_MAX, command(place, {})));
}

RC_GTEST_PROP(Glance, ReadsTheSameAsProtocol, ()) {
  const std::uint64_t id = any_number();
  const std::string name = "run-" + std::to_string(any_number());
  const auto status = static_cast<OrderStatus>(*rc::gen::inRange(1, 5));
  const bool of_order = *rc::gen::arbitrary<bool>();
  const bool replayed = *rc::gen::arbitrary<bool>();
  Accepted accepted{of_order ? StreamId::of(order_id(name)) : StreamId::of(sku(name)),
                    of_order ? std::optional(status) : std::nullopt,
                    StreamVersion(any_number()),
                    GlobalPosition(any_number()),
                    UnixMillis(static_cast<std::int64_t>(any_number() >> 1U)),
                    {{sku("A"), 3}}};
  const std::string payload = payload_of(id, CommandReply{Answer{accepted, replayed}});
  const auto decoded = decode_reply(payload, LoadConnection::kVersion);
  RC_ASSERT(decoded.has_value());
  const auto& answer = std::get<CommandReply>(decoded->reply).answer;
  const auto glance = glance_at(payload);
  RC_ASSERT(glance.has_value());
  RC_ASSERT(glance->id == decoded->id);
  RC_ASSERT(glance->kind == Kind::accepted);
  RC_ASSERT(glance->subject == std::get<Accepted>(answer.outcome).subject.id);
  RC_ASSERT(glance->status == std::get<Accepted>(answer.outcome).status);
  RC_ASSERT(glance->replayed == answer.replayed);
}

TEST(Glance, ReadsShownOrdersAndProducts) {
  const auto product = payload_of(5, ProductReply{sku("A"), Product{}, GlobalPosition(9)});
  const auto no_product = payload_of(6, ProductReply{sku("A"), {}, GlobalPosition(9)});
  const auto no_order = payload_of(7, OrderReply{order_id("B"), {}, GlobalPosition(9)});
  EXPECT_EQ(glance_at(product)->kind, Kind::product);
  EXPECT_EQ(glance_at(product)->subject, "A");
  EXPECT_EQ(glance_at(product)->id, 5U);
  EXPECT_TRUE(glance_at(product)->found);
  EXPECT_FALSE(glance_at(no_product)->found);
  EXPECT_EQ(glance_at(no_order)->kind, Kind::order);
  EXPECT_EQ(glance_at(no_order)->subject, "B");
  EXPECT_FALSE(glance_at(no_order)->found);
}

TEST(Glance, LeavesRefusalsAndErrorsToProtocol) {
  const auto refused = payload_of(300, CommandReply{Answer{Failure(ErrorCode::overloaded, "busy")}});
  const auto error = payload_of(301, ErrorReply{ErrorCode::overloaded, "busy", false});
  EXPECT_EQ(glance_at(refused)->kind, Kind::other);
  EXPECT_EQ(glance_at(refused)->id, 300U);
  EXPECT_EQ(glance_at(error)->kind, Kind::other);
  EXPECT_EQ(glance_at(error)->id, 301U);
}

RC_GTEST_PROP(Glance, StaysWithinArbitraryPayload, ()) {
  auto payload = *rc::gen::arbitrary<std::string>();
  if (!payload.empty()) payload.front() = static_cast<char>(*rc::gen::inRange(128, 138));
  const auto glance = glance_at(payload);
  if (glance) RC_ASSERT(glance->subject.size() <= payload.size());
}

TEST(Glance, RejectsTruncatedReply) {
  const auto payload = payload_of(1, ProductReply{sku("A"), Product{}, GlobalPosition(9)});
  for (std::size_t size = 0; size < 4; ++size) EXPECT_FALSE(glance_at(payload.substr(0, size))) << size;
}

}  // namespace
}  // namespace stockfold
