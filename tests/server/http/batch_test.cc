// POST /batch/: several commands in one request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "server/http/batch_commands.h"
#include "server/http/fixture.h"
#include "server/world.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

Command command_in(std::string_view text) {
  auto fields = HttpFields::of_json(text).value();
  auto command = named_command(fields);
  EXPECT_TRUE(command.has_value()) << text << ": " << sentence_of(command.error());
  return command.value_or(Command{});
}
std::string fault_in(std::string_view text) {
  auto fields = HttpFields::of_json(text).value();
  const auto command = named_command(fields);
  return command ? "nothing is wrong" : sentence_of(command.error());
}

// ---- commands by their names ------------------------------------------------------------------------------

TEST(NamedCommands, HaveTheFieldsOfTheirRoutes) {
  const Lines two{{sku("A"), 1}, {sku("B"), 2}};
  const std::vector<std::pair<std::string_view, CommandBody>> cases = {
      {R"({"command":"register_product","sku":"A","name":"Anvil","stock":3})",
       RegisterProduct{sku("A"), "Anvil", 3}},
      {R"({"command":"receive_stock","sku":"A","quantity":2,"reason":"new"})",
       ReceiveStock{sku("A"), 2, "new"}},
      {R"({"command":"write_off_stock","product":"A","quantity":"2"})", WriteOffStock{sku("A"), 2, ""}},
      {R"({"command":"retire_product","sku":"A"})", RetireProduct{sku("A")}},
      {R"({"command":"draft_order","order":"1","lines":[{"sku":"B","quantity":2},{"sku":"A"}]})",
       DraftOrder{order_id("1"), two}},
      {R"({"command":"place_order","lines":[{"sku":"A"},{"sku":"B","quantity":2}]})", PlaceOrder{{}, two}},
      {R"({"command":"place_order","id":"1","product":"A"})", PlaceOrder{order_id("1"), {{sku("A"), 1}}}},
      {R"({"command":"place_order","order":"1"})", PlaceOrder{order_id("1"), {}}},
      {R"({"command":"place_order","product":"A","draft":true})", DraftOrder{{}, {{sku("A"), 1}}}},
      {R"({"command":"abort_order","order":1,"reason":"late"})", AbortOrder{order_id("1"), "late"}},
      {R"({"command":"fulfil_order","id":"1"})", FulfilOrder{order_id("1"), ""}},
      {R"({"command":"fulfill_order","order":"1"})", FulfilOrder{order_id("1"), ""}},
  };
  for (const auto& [text, body] : cases) EXPECT_EQ(command_in(text).body, body) << text;
}

TEST(NamedCommands, HaveWhatEveryCommandMayHave) {
  const Command command = command_in(
      R"({"command":"retire_product","sku":"A","command_id":"00112233-4455-6677-8899-aabbccddeeff",)"
      R"("expected_version":7,"actor":"till"})");
  EXPECT_EQ(to_uuid(command.identity.value().id.bytes), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(command.expected, ExpectedVersion::exactly(StreamVersion(7)));
  EXPECT_EQ(command.actor, "till");
  EXPECT_EQ(command_in(R"({"command":"retire_product","sku":"A","expected_version":0})").expected,
            ExpectedVersion::no_stream());
  const Command plain = command_in(R"({"command":"retire_product","sku":"A","command_id":"row 7"})");
  EXPECT_TRUE(plain.identity.has_value()) << "any text becomes an id";
  EXPECT_EQ(plain.expected, ExpectedVersion::any());
}

TEST(NamedCommands, NameEveryFault) {
  EXPECT_THAT(fault_in("{}"), HasSubstr("field command: expected one of register_product, "));
  EXPECT_THAT(fault_in(R"({"command":"sell"})"), HasSubstr("found sell"));
  EXPECT_THAT(fault_in(R"({"command":"retire_product"})"),
              HasSubstr("field sku: expected an id, found none"));
  EXPECT_THAT(fault_in(R"({"command":"abort_order"})"), HasSubstr("field order: expected an id"));
  EXPECT_THAT(fault_in(R"({"command":"place_order"})"), HasSubstr("field order: expected an id"));
  EXPECT_THAT(fault_in(R"({"command":"retire_product","sku":"A","colour":"red"})"),
              HasSubstr("field colour: "));
  EXPECT_THAT(fault_in(R"({"command":"receive_stock","sku":"A","quantity":0,"reason":7})"),
              testing::AllOf(HasSubstr("field quantity: "), HasSubstr("; field reason: ")));
  EXPECT_THAT(fault_in(R"({"command":"retire_product","sku":"A",)"
                       R"("command_id":"00000000-0000-0000-0000-000000000000"})"),
              HasSubstr("field command_id: "));
}

// ---- the route --------------------------------------------------------------------------------------------

/// Of each outcome: the type of its problem, or "ok", or "replayed".
std::vector<std::string> outcomes(const HttpReply& reply) {
  std::vector<std::string> all;
  EXPECT_EQ(reply.status, 200) << reply.body;
  if (reply.status != 200) return all;
  const json::value body = json::parse(reply.body);
  for (const json::value& outcome : body.at("outcomes").as_array()) {
    const json::value* problem = outcome.as_object().if_contains("type");
    const bool replayed = outcome.as_object().contains("replayed") && outcome.at("replayed").as_bool();
    all.emplace_back(problem != nullptr ? std::string(problem->as_string()) : replayed ? "replayed" : "ok");
  }
  return all;
}
using Outcomes = std::vector<std::string>;

TEST_F(Http, AnswersABatchWithTheAnswersOfItsCommands) {
  given_product("A", 3);
  const HttpReply reply = wire_.ask(
      "POST", "/batch/",
      R"({"commands":[{"command":"place_order","order":"1","product":"A"},{"command":"abort_order","order":"1"},)"
      R"({"command":"place_order","product":"A","quantity":7}]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      reply.body,
      R"({"outcomes":[{"id":"1","product":"A","status":"in_progress","status_code":"PR","ok":true,)"
      R"("order":"1","version":1,"position":2,"replayed":false,"stock":{"A":2},)"
      R"("lines":[{"sku":"A","quantity":1}]},)"
      R"({"id":"1","product":"A","status":"aborted","status_code":"AB","ok":true,)"
      R"("order":"1","version":2,"position":3,"replayed":false,"stock":{"A":3},)"
      R"("lines":[{"sku":"A","quantity":1}]},)"
      R"({"type":"insufficient_stock","title":"insufficient stock","status":409,)"
      R"("detail":"insufficient stock of A: 3 available, 7 requested","position":3,)"
      R"("expected_version":null,"actual_version":3,"subject":"product/A",)"
      R"("state":{"sku":"A","name":"","stock":3,"received":3,"written_off":0,"in_progress":0,"fulfilled":0,)"
      R"("retired":false,"version":3},"replayed":false}]})"
      "\n");
}

TEST_F(Http, DoesAllOrNothingOfAnAtomicBatch) {
  given_product("A", 3);
  const std::string commands = R"({"command":"receive_stock","sku":"A","quantity":1},)"
                               R"({"command":"abort_order","order":"9"})";
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", R"({"atomic":true,"commands":[)" + commands + "]}")),
            (Outcomes{"batch_refused", "unknown_order"}));
  EXPECT_THAT(wire_.get("/product/A/").body, HasSubstr(R"("stock":3,)"));
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", R"({"atomic":false,"commands":[)" + commands + "]}")),
            (Outcomes{"ok", "unknown_order"}));
}

TEST_F(Http, DoesTheOthersOfABatchWhereOneCommandIsMalformed) {
  const std::string commands = R"({"command":"register_product","sku":"A"},{"command":"sell"},)"
                               R"({"command":"receive_stock","sku":"A","quantity":-1},7,)"
                               R"({"command":"register_product","sku":"B"})";
  EXPECT_EQ(
      outcomes(wire_.ask("POST", "/batch/", R"({"atomic":true,"commands":[)" + commands + "]}")),
      (Outcomes{"batch_refused", "invalid_argument", "batch_refused", "batch_refused", "batch_refused"}));
  const HttpReply reply = wire_.ask("POST", "/batch/", R"({"commands":[)" + commands + "]}");
  EXPECT_EQ(outcomes(reply),
            (Outcomes{"ok", "invalid_argument", "invalid_argument", "invalid_argument", "ok"}));
  EXPECT_THAT(reply.body, HasSubstr("field quantity: expected a whole number"));
}

TEST_F(Http, RepeatsABatchUnderItsIdempotencyKey) {
  const std::string batch = R"({"commands":[{"command":"register_product","sku":"A"},)"
                            R"({"command":"receive_stock","sku":"A","quantity":1},)"
                            R"({"command":"receive_stock","sku":"A","quantity":1,"command_id":"mine"}]})";
  const std::string key = "Idempotency-Key: nightly 1\r\n";
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", batch, key)), (Outcomes{"ok", "ok", "ok"}));
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", batch, key)),
            (Outcomes{"replayed", "replayed", "replayed"}));
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", batch)), (Outcomes{"product_exists", "ok", "replayed"}));
}

TEST_F(Http, RefusesABatchThatIsMalformedAsAWhole) {
  std::string many;
  for (int i = 0; i < 1'001; ++i) {
    many += std::string(many.empty() ? "" : ",") + R"({"command":"retire_product","sku":"A"})";
  }
  for (const std::string& body :
       {std::string("{}"), std::string(R"({"commands":[]})"), std::string(R"({"commands":7})"),
        std::string(R"({"commands":[{"command":"retire_product","sku":"A"}],"atomic":"maybe"})"),
        std::string(R"({"commands":[{"command":"retire_product","sku":"A"}],"colour":"red"})"),
        R"({"commands":[)" + many + "]}"}) {
    const HttpReply reply = wire_.ask("POST", "/batch/", body);
    EXPECT_EQ(reply.status, 400) << body.substr(0, 80);
    EXPECT_THAT(reply.body, HasSubstr("invalid_argument"));
  }
  const std::string one = R"({"commands":[{"command":"register_product","sku":"A"}]})";
  EXPECT_EQ(wire_.ask("POST", "/batch/", one, "If-Match: \"1\"\r\n").status, 400);
  EXPECT_EQ(wire_.ask("POST", "/batch/", one, "Stockfold-Life: 00000000.9\r\n").status, 409);
  EXPECT_EQ(wire_.ask("POST", "/batch/", "commands=7").status, 400);
  EXPECT_EQ(outcomes(wire_.ask("POST", "/batch/", one)), Outcomes{"ok"});
}

TEST_F(Http, TakesAThousandCommandsInABatch) {
  std::string commands;
  for (int i = 0; i < 1'000; ++i) {
    commands += (commands.empty() ? "" : ",") + std::string(R"({"command":"register_product","sku":"P)") +
                std::to_string(i) + R"(","name":"A product","stock":10})";
  }
  const auto all = outcomes(wire_.ask("POST", "/batch/", R"({"atomic":true,"commands":[)" + commands + "]}"));
  EXPECT_EQ(all, Outcomes(1'000, "ok"));
}

}  // namespace
}  // namespace stockfold
