#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "protocol/frame.h"
#include "protocol/generators.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

using ::testing::HasSubstr;

/// The payload of the one frame that a message becomes.
template <class Encode, class Message>
std::string payload_of(const Encode& encode, const Message& message, std::uint32_t version) {
  std::string frame;
  encode(message, frame, version);
  std::string_view rest = frame;
  const auto payload = take_frame(rest);
  EXPECT_TRUE(payload.has_value() && payload->has_value() && rest.empty());
  return std::string(payload.value().value());
}
std::string payload_of(const RequestMessage& message, std::uint32_t version = kProtocolVersion) {
  return payload_of(encode_request, message, version);
}
std::string payload_of(const ReplyMessage& message, std::uint32_t version = kProtocolVersion) {
  return payload_of(encode_reply, message, version);
}

std::string error_of(std::string_view payload) {
  const auto decoded = decode_request(payload);
  return decoded ? "nothing is wrong" : decoded.error().what;
}

RC_GTEST_PROP(Protocol, RoundTripsEveryRequest, ()) {
  const RequestMessage sent = *any::request_messages();
  const auto received = decode_request(payload_of(sent));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

RC_GTEST_PROP(Protocol, RoundTripsEveryReply, ()) {
  const ReplyMessage sent = *any::reply_messages();
  const auto received = decode_reply(payload_of(sent));
  RC_ASSERT(received.has_value());
  RC_ASSERT(*received == sent);
}

TEST(Protocol, AgreesOnTheGreatestCommonVersion) {
  EXPECT_EQ(common_version(1, 1), 1U);
  EXPECT_EQ(common_version(0, 1), 1U);
  EXPECT_EQ(common_version(1, 2), 2U);
  EXPECT_EQ(common_version(2, 4'294'967'295U), 2U);
  EXPECT_EQ(common_version(0, 0), std::nullopt);
  EXPECT_EQ(common_version(3, 9), std::nullopt);
  EXPECT_EQ(common_version(2, 1), std::nullopt);
}

TEST(Protocol, EncodesHellosAlikeInEveryVersion) {
  const RequestMessage client{1, ClientHello{1, 2, "till 7"}};
  EXPECT_EQ(payload_of(client, 1), payload_of(client, 2));
  const ReplyMessage server{1, ServerHello{.max_in_flight = 7, .server = "ledger"}};
  EXPECT_EQ(payload_of(server, 1), payload_of(server, 2));
}

TEST(Protocol, SendsLaterSumsOfMovementsInVersion2Only) {
  MovementsReply reply{*Sku::parse("A"), {{Day(1), {.received = 3, .events = 2}}}, {}, GlobalPosition(9)};
  const ReplyMessage first{1, reply};
  reply.rows.front().sums.returned = 7;
  const ReplyMessage second{1, reply};
  EXPECT_EQ(decode_reply(payload_of(second, 1), 1).value(), first);
  EXPECT_EQ(decode_reply(payload_of(second, 2), 2).value(), second);
  EXPECT_EQ(payload_of(second, 1), payload_of(first, 1));
}

RC_GTEST_PROP(Protocol, RejectsTruncatedRequest, ()) {
  const std::string payload = payload_of(*any::request_messages());
  for (std::size_t size = 0; size < payload.size(); ++size) {
    RC_ASSERT(!decode_request(std::string_view(payload).substr(0, size)).has_value());
  }
}

RC_GTEST_PROP(Protocol, RejectsTruncatedReply, ()) {
  const std::string payload = payload_of(*any::reply_messages());
  for (std::size_t size = 0; size < payload.size(); ++size) {
    RC_ASSERT(!decode_reply(std::string_view(payload).substr(0, size)).has_value());
  }
}

RC_GTEST_PROP(Protocol, RejectsTrailingBytes, ()) {
  RC_ASSERT(!decode_request(payload_of(*any::request_messages()) + '\0').has_value());
  RC_ASSERT(!decode_reply(payload_of(*any::reply_messages()) + '\0').has_value());
}

// An operator inside RC_ASSERT needs its own parentheses. Each message has one encoding: bytes that decode to
// a message are the bytes that the message encodes to.
RC_GTEST_PROP(Protocol, AcceptsRequestWithFlippedBitOnlyInCanonicalForm, ()) {
  std::string payload = payload_of(*any::request_messages());
  const auto bit = *rc::gen::inRange<std::size_t>(0, payload.size() * 8);
  payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
  const auto decoded = decode_request(payload);
  RC_ASSERT((!decoded.has_value() || payload_of(*decoded) == payload));
}

RC_GTEST_PROP(Protocol, AcceptsReplyWithFlippedBitOnlyInCanonicalForm, ()) {
  std::string payload = payload_of(*any::reply_messages());
  const auto bit = *rc::gen::inRange<std::size_t>(0, payload.size() * 8);
  payload[bit / 8] = static_cast<char>(payload[bit / 8] ^ (1 << (bit % 8)));
  const auto decoded = decode_reply(payload);
  RC_ASSERT((!decoded.has_value() || payload_of(*decoded) == payload));
}

RC_GTEST_PROP(Protocol, AcceptsArbitraryBytesOnlyInCanonicalForm, (std::string bytes)) {
  const auto number = static_cast<char>(*rc::gen::arbitrary<std::uint8_t>());
  const std::string payload = number + bytes;
  const auto request = decode_request(payload);
  RC_ASSERT((!request.has_value() || payload_of(*request) == payload));
  const auto reply = decode_reply(payload);
  RC_ASSERT((!reply.has_value() || payload_of(*reply) == payload));
}

RC_GTEST_PROP(Protocol, KeepsRequestIdWhenRestIsMalformed, ()) {
  const RequestMessage sent = *any::request_messages();
  const auto decoded = decode_request(payload_of(sent) + '\0');
  RC_ASSERT(!decoded.has_value());
  RC_ASSERT(decoded.error().id == sent.id);
}

RC_GTEST_PROP(Protocol, RecognizesOnlyCommandsByTheirFirstBytes, ()) {
  const RequestMessage sent = *any::request_messages();
  const auto peeked = peek_command(payload_of(sent));
  const auto* command = std::get_if<CommandRequest>(&sent.request);
  RC_ASSERT(peeked.has_value() == (command != nullptr));
  if (command != nullptr) RC_ASSERT(*peeked == (UnreadCommand{sent.id, kind_of(command->command.body)}));
}

RC_GTEST_PROP(Protocol, PeekAgreesWithDecodingOfArbitraryBytes, (std::string bytes)) {
  const auto peeked = peek_command(bytes);
  const auto decoded = decode_request(bytes);
  if (decoded && std::holds_alternative<CommandRequest>(decoded->request)) RC_ASSERT(peeked.has_value());
  if (peeked && !decoded) RC_ASSERT(decoded.error().id == peeked->id);
}

TEST(Protocol, OmitsBodyHashOfCommand) {
  const CommandId id{{1, 2, 3}};
  const Command command{RetireProduct{Sku::parse("A").value()}, ExpectedVersion::any(),
                        CommandIdentity{id, {{9, 9}}}, ""};
  const auto decoded = decode_request(payload_of({1, CommandRequest{command}}));
  ASSERT_TRUE(decoded.has_value());
  const CommandIdentity expected{id, BodyHash{}};
  EXPECT_EQ(std::get<CommandRequest>(decoded->request).command.identity, expected);
}

RC_GTEST_PROP(Protocol, RecognizesOnlyBatchesByTheirFirstBytes, ()) {
  const RequestMessage sent = *any::request_messages();
  const bool is_batch = std::holds_alternative<CommandBatch>(sent.request);
  RC_ASSERT(peek_batch(payload_of(sent)) == (is_batch ? std::optional(sent.id) : std::nullopt));
}

TEST(Protocol, HasNoBatchesInVersionOne) {
  const std::string batch = payload_of({5, CommandBatch{{Command{}}, false}});
  EXPECT_EQ(first_version_of(CommandBatch{}), 2U);
  EXPECT_EQ(first_version_of(CommandRequest{}), 1U);
  const auto decoded = decode_request(batch, 1);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().id, 5U);
  EXPECT_EQ(decoded.error().what, "message: an unknown number");
  EXPECT_FALSE(decode_reply(payload_of(ReplyMessage{5, BatchReply{}}), 1).has_value());
}

TEST(Protocol, RequiresOneToThousandCommandsOfABatch) {
  const Command retire{RetireProduct{Sku::parse("A").value()}, {}, {}, ""};
  const auto batch_of = [&](std::size_t commands) {
    return payload_of({1, CommandBatch{std::vector(commands, retire), false}});
  };
  for (const std::size_t commands : {1U, 1'000U}) EXPECT_TRUE(decode_request(batch_of(commands)).has_value());
  for (const std::size_t commands : {0U, 1'001U}) {
    EXPECT_EQ(error_of(batch_of(commands)), "commands: a batch has 1 to 1,000 commands");
  }
}

TEST(Protocol, SplitsAnswersOfABatchThatDoNotFitAFrame) {
  const auto detail = [](std::size_t bytes) {
    return Failure(ErrorCode::overloaded, std::string(bytes, 'x'));
  };
  Accepted large{.subject = StreamId::of(OrderId::parse("1").value()), .stock = {}};
  for (int i = 0; i < 1'000; ++i)
    large.stock.push_back({Sku::parse(std::string(64, 'x')).value(), kMaxUnits});
  for (const auto& [count, answer] :
       {std::pair<std::size_t, Answer>{3, {detail(9)}}, {1'000, {detail(1'000)}}, {1'000, {large}}}) {
    std::string frames;
    encode_batch_answers(7, std::vector(count, answer), frames);
    std::string_view rest = frames;
    std::size_t answers = 0;
    for (bool last = false; !last;) {
      const auto message = decode_reply(take_frame(rest).value().value()).value();
      EXPECT_EQ(message.id, 7U);
      const auto& reply = std::get<BatchReply>(message.reply);
      EXPECT_FALSE(reply.answers.empty());
      for (const Answer& each : reply.answers) EXPECT_EQ(each, answer);
      answers += reply.answers.size();
      last = reply.last;
    }
    EXPECT_EQ(answers, count);
    EXPECT_TRUE(rest.empty());
  }
  std::string few;
  encode_batch_answers(7, std::vector(2, Answer{detail(9)}), few);
  EXPECT_EQ(few.substr(kFrameHeaderBytes),
            payload_of(ReplyMessage{7, BatchReply{std::vector(2, Answer{detail(9)}), true}}));
}

TEST(Protocol, RejectsEmptyPayload) {
  EXPECT_FALSE(decode_request("").has_value());
  EXPECT_FALSE(decode_reply("").has_value());
}

TEST(Protocol, RejectsUnknownMessageNumberUnderItsRequestId) {
  for (const char number : {'\x00', '\x20', '\x7F', '\x81', '\xFF'}) {
    const auto decoded = decode_request(std::string{number, '\x05'});
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().id, 5U);
    EXPECT_EQ(decoded.error().what, "message: an unknown number");
  }
  for (const char number : {'\x00', '\x01', '\x80', '\xA0', '\xFF'}) {
    EXPECT_FALSE(decode_reply(std::string{number, '\x05'}).has_value());
  }
}

TEST(Protocol, RejectsHelloOfAnotherProtocol) {
  std::string payload = payload_of({0, ClientHello{}});
  payload.replace(2, 4, "HTTP");
  EXPECT_EQ(error_of(payload), "magic: not this protocol");
}

TEST(Protocol, NamesMalformedField) {
  EXPECT_THAT(error_of(std::string("\x03\x01\x01\n\x01\x00", 6)), HasSubstr("sku: not 1 to 128 bytes"));
  EXPECT_THAT(error_of(std::string("\x03\x01\x01"
                                   "A\x02\x00",
                                   6)),
              HasSubstr("min position: "));
  EXPECT_THAT(error_of(std::string("\x05\x01\x00\x01\n", 5)), HasSubstr("from: not 1 to 128 bytes"));
}

TEST(Protocol, ReadsEventTypesAsASet) {
  const auto decoded = [](const std::vector<EventType>& types) {
    const auto message = decode_request(payload_of({7, FollowTypes{{}, types}}));
    return message ? std::get<FollowTypes>(message->request).types : std::vector<EventType>();
  };
  EXPECT_EQ(decoded({EventType::order_placed, EventType::stock_received, EventType::order_placed}),
            (std::vector{EventType::stock_received, EventType::order_placed}));
  EXPECT_EQ(decoded({}), std::vector<EventType>()) << "a number out of its range";
  EXPECT_EQ(decoded({EventType(10)}), std::vector<EventType>());
  EXPECT_EQ(decoded({EventType(0), EventType::order_placed}), std::vector<EventType>());
}

TEST(Protocol, RequiresPageLimitFromOneToThousand) {
  for (const std::uint32_t limit : {0U, 1'001U, 4'294'967'295U}) {
    const auto payload = payload_of({1, ListProducts{std::nullopt, limit, {}}});
    EXPECT_EQ(error_of(payload), "limit: a number out of its range") << limit;
  }
  for (const std::uint32_t limit : {1U, 1'000U}) {
    EXPECT_TRUE(decode_request(payload_of({1, ListProducts{std::nullopt, limit, {}}})).has_value()) << limit;
  }
}

TEST(Protocol, AllowsPastMomentOnlyForReadsOfState) {
  for (const char read : {'\x00', '\x02', '\x07'}) {
    EXPECT_EQ(error_of(std::string("\x0A\x01\x01\x05", 4) + read), "read: a number out of its range");
  }
  EXPECT_EQ(error_of(std::string("\x0A\x01\x03\x05", 4)), "moment: a number out of its range");
}

TEST(Protocol, BoundsClientName) {
  EXPECT_TRUE(decode_request(payload_of({0, ClientHello{1, 1, std::string(128, 'x')}})).has_value());
  EXPECT_EQ(error_of(payload_of({0, ClientHello{1, 1, std::string(129, 'x')}})), "client: too long");
}

TEST(Protocol, RequiresUtf8ClientName) {
  EXPECT_EQ(error_of(payload_of({0, ClientHello{1, 1, "\xFF"}})), "client: not UTF-8");
  EXPECT_TRUE(decode_request(payload_of({0, ClientHello{1, 1, "caf\xC3\xA9"}})).has_value());
}

TEST(Protocol, AcceptsUnknownKindsFromLaterLedger) {
  constexpr auto kLater = Rule(200);
  const auto error = decode_reply(payload_of(ReplyMessage{1, ErrorReply{ErrorCode(200), "new", true}}));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(std::get<ErrorReply>(error->reply), (ErrorReply{ErrorCode(200), "new", true}));
  const Refusal refusal{.rule = kLater,
                        .subject = {},
                        .state = Order{.status = OrderStatus(9), .changed_by = ""},
                        .obstacle = {},
                        .expected = {},
                        .actual = {},
                        .requested = 0,
                        .detail = "why"};
  const auto refused = decode_reply(payload_of(ReplyMessage{1, CommandReply{{refusal, false}}}));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(std::get<CommandReply>(refused->reply).answer, (Answer{refusal, false}));
  EXPECT_EQ(message_of(refusal), "why");
}

TEST(Protocol, AnErrorCodeWithTheFieldsOfARefusalStaysARefusal) {
  Refusal refusal = refuse(Rule(ErrorCode::invalid_argument), "why");
  const Answer failed{Failure(ErrorCode::invalid_argument, "why")};
  const auto answer_in = [](const Answer& sent) {
    return std::get<CommandReply>(decode_reply(payload_of(ReplyMessage{1, CommandReply{sent}})).value().reply)
        .answer;
  };
  EXPECT_EQ(answer_in({refusal}), failed);
  refusal.subject = StreamId::of(*Sku::parse("A"));
  EXPECT_EQ(answer_in({refusal}), Answer{refusal});
}

TEST(Protocol, RecognizesLaterReplyByItsNumber) {
  EXPECT_TRUE(is_later_reply("\xFF\x01"));
  EXPECT_FALSE(is_later_reply(payload_of(ReplyMessage{1, LoggedIn{}})));
  EXPECT_FALSE(is_later_reply("\x01\x01"));
  EXPECT_FALSE(is_later_reply(""));
}

// docs/PROTOCOL.md states 1,000 for every list except the lines of a command.
TEST(Protocol, BoundsReplyListsToThousandElements) {
  const Sku sku = Sku::parse("A").value();
  const OrderId order = OrderId::parse("1").value();
  const auto is_taken = [](const Reply& reply) { return decode_reply(payload_of({1, reply})).has_value(); };
  const auto replies_of = [&](std::size_t count) -> std::vector<Reply> {
    const Order large{.lines = Lines(count, Line{sku, 1}), .changed_by = ""};
    return {
        ProductsReply{{count, {sku, Product{}}}, {}, {}},
        OrdersReply{{count, {order, Order{}}}, {}, {}},
        MovementsReply{sku, std::vector<DayMovements>(count), {}, {}},
        CommitsReply{.created = {}, .events = {}, .commits = {count, CommitExtent{}}, .next = {}, .head = {}},
        OrderReply{order, large, {}},
        CommandReply{{Accepted{.subject = StreamId::of(order), .stock = {count, StockOf{sku, 1}}}, false}}};
  };
  for (const Reply& reply : replies_of(1'000)) EXPECT_TRUE(is_taken(reply)) << reply.index();
  for (const Reply& reply : replies_of(1'001)) EXPECT_FALSE(is_taken(reply)) << reply.index();
}

TEST(Protocol, RejectsLengthBeyondPayload) {
  // A draft that announces 1,000 lines without sending them, and a page of events likewise.
  EXPECT_FALSE(decode_request(std::string("\x02\x01\x05\x01\xE8\x07", 6)).has_value());
  EXPECT_FALSE(decode_reply(std::string("\x87\x01\xE8\x07", 4)).has_value());
}

}  // namespace
}  // namespace stockfold
