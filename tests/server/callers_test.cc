// Several callers with tokens: which caller a command id belongs to, and what refusals reveal, over both
// protocols.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "server/access/tokens_for_test.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"

namespace stockfold {
namespace {

using testing::HasSubstr;

class AuthenticatedCaller : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Wire> logged_in(const std::string& name) const {
    auto wire = server_.connect();
    wire->send(2, LogIn{tokens_.text(name)});
    EXPECT_EQ(wire->receive_as<LoggedIn>(2).name, name);
    return wire;
  }
  [[nodiscard]] HttpWire http() { return HttpWire((*server_).http_endpoint().port()); }

  TokensForTest tokens_{{{"buyer", {Scope::command}},
                         {"boss", kEveryScope},
                         {"shop-a", {Scope::read, Scope::command}},
                         {"shop-b", {Scope::read, Scope::command}}}};
  RunningServer server_{{.tokens = tokens_.path()}};
};

TEST_F(AuthenticatedCaller, HasItsOwnIdempotencyKeysOverHttp) {
  HttpWire wire = http();
  ASSERT_EQ(wire.ask("POST", "/product/", "sku=anvil&stock=5", tokens_.header("boss")).status, 201);
  const auto order = [&](HttpWire& over, const char* caller) {
    return over.ask("POST", "/order/", "product=anvil", tokens_.header(caller) + "Idempotency-Key: 1001\r\n");
  };
  const HttpReply of_a = order(wire, "shop-a");
  const HttpReply of_b = order(wire, "shop-b");
  EXPECT_EQ(of_a.status, 201);
  EXPECT_EQ(of_b.status, 201);
  EXPECT_EQ(of_b.header("idempotency-replayed"), "");
  EXPECT_NE(of_b.header("location"), of_a.header("location"));

  server_.stop();
  server_.start();
  HttpWire after = http();
  for (const auto& [caller, first] : {std::pair("shop-a", &of_a), std::pair("shop-b", &of_b)}) {
    const HttpReply again = order(after, caller);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(again.header("location"), first->header("location"));
  }
  EXPECT_THAT(after.ask("GET", "/product/anvil/", "", tokens_.header("shop-a")).body,
              HasSubstr("\"stock\":3,"));
}

TEST_F(AuthenticatedCaller, HasItsOwnCommandIdsOverTcp) {
  const auto boss = logged_in("boss");
  ASSERT_TRUE(accepted(boss->execute(3, register_product("A", 5))));
  const auto shop_a = logged_in("shop-a");
  const auto shop_b = logged_in("shop-b");
  const Command order = with_id(place_next({{sku("A"), 1}}), 7);
  const Answer of_a = shop_a->execute(3, order);
  const Answer of_b = shop_b->execute(3, order);
  EXPECT_FALSE(of_b.replayed);
  EXPECT_NE(as_accepted(of_b).subject, as_accepted(of_a).subject);
  for (const auto& [wire, first] : {std::pair(&shop_a, &of_a), std::pair(&shop_b, &of_b)}) {
    const Answer again = (*wire)->execute(4, order);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.outcome, first->outcome);
  }
}

TEST_F(AuthenticatedCaller, FindsReceiptsFromBeforeTokensExisted) {
  RunningServer without;
  const Command command = with_id(register_product("A", 5), 7);
  const Answer first = without.connect()->execute(2, command);
  without.stop();
  std::filesystem::copy(tokens_.path(), without.data() / "tokens.json");
  without.start();
  const auto wire = without.connect();
  wire->send(2, LogIn{tokens_.text("shop-a")});
  wire->receive_as<LoggedIn>(2);
  const Answer again = wire->execute(3, command);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.outcome, first.outcome);
}

TEST_F(AuthenticatedCaller, ReceivesStateOnlyWithReadScope) {
  const auto boss = logged_in("boss");
  ASSERT_TRUE(accepted(boss->execute(3, register_product("A", 5))));
  ASSERT_TRUE(accepted(boss->execute(4, place("1", {{sku("A"), 2}}))));
  ASSERT_TRUE(accepted(boss->execute(5, abort_order("1"))));
  const auto shop = logged_in("shop-a");
  const auto buyer = logged_in("buyer");
  const auto state_of = [](const Answer& answer) { return std::get<Refusal>(answer.outcome).state; };
  EXPECT_TRUE(std::holds_alternative<Order>(state_of(shop->execute(3, abort_order("1")))));
  for (int i = 0; i < 2; ++i) {  // the second time it is a replay
    const Answer refused = buyer->execute(3, with_id(abort_order("1"), 7));
    EXPECT_EQ(rule_of(refused), Rule::order_already_aborted);
    EXPECT_EQ(refused.replayed, i == 1);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(state_of(refused)));
  }

  HttpWire wire = http();
  const HttpReply told = wire.ask("PUT", "/order/1/abort/", "", tokens_.header("shop-a"));
  EXPECT_THAT(told.body, HasSubstr("already aborted by boss"));
  EXPECT_THAT(told.body, HasSubstr("\"state\":{"));
  const HttpReply refused = wire.ask("PUT", "/order/1/abort/", "", tokens_.header("buyer"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("\"state\":null"));
  EXPECT_EQ(refused.body.find("boss"), std::string::npos) << refused.body;
  const HttpReply claimed =
      wire.ask("POST", "/product/A/retire/", R"({"stock":5,"version":77})", tokens_.header("buyer"));
  EXPECT_EQ(claimed.status, 409);
  EXPECT_THAT(claimed.body, HasSubstr("\"product/A is not as the request says\""));
  EXPECT_EQ(claimed.body.find("errors"), std::string::npos)
      << "what is not so says what is: " << claimed.body;
  const HttpReply own = wire.ask("POST", "/order/", "product=A", tokens_.header("buyer"));
  EXPECT_EQ(own.status, 201);
  EXPECT_THAT(own.body, HasSubstr("\"lines\":[{\"sku\":\"A\",\"quantity\":1}]"));
}

}  // namespace
}  // namespace stockfold
