// Clients that send back the whole object that the ledger gave them, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "server/http/target.h"
#include "server/http/wire.h"
#include "server/running_server.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

void append_form(const std::string& name, const json::value& value, std::string& form) {
  if (const auto* object = value.if_object()) {
    for (const auto& [inner, each] : *object) append_form(name + "[" + std::string(inner) + "]", each, form);
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      append_form(name + "[" + std::to_string(i) + "]", array->at(i), form);
    }
  } else {
    form += (form.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(text_of(value));
  }
}

/// As PHP, jQuery and axios encode an object.
std::string form_of(const json::object& fields) {
  std::string form;
  for (const auto& [name, value] : fields) append_form(std::string(name), value, form);
  return form;
}

json::object with(json::object fields, const json::object& others) {
  for (const auto& [name, value] : others) fields[name] = value;
  return fields;
}

/// A command about an existing order or product, and what a client may know of it.
struct Route {
  std::string name;
  std::string make;       ///< The target that makes the order or product.
  json::object given;     ///< The fields for that.
  std::string subject;    ///< The path of the order or product; "*": its id.
  std::string command;    ///< The command's path after that.
  json::object own;       ///< Fields that the command needs.
  json::object will_be;   ///< Fields of the representation that the command changes.
  std::string id_field;   ///< The field of the representation that the path repeats.
  json::object never_so;  ///< For each field a value that it has neither before nor after.
};

std::vector<Route> routes() {
  const json::object order{{"lines", {{{"sku", "A"}, {"quantity", 2}}}}};
  const json::object draft = with(order, {{"draft", true}});
  const json::object product{{"name", "Rope"}, {"stock", 5}};
  const json::object other_order{{"product", "B"},
                                 {"lines", {{{"sku", "A"}, {"quantity", 3}}}},
                                 {"version", 7},
                                 {"status", "fulfilled"},
                                 {"status_code", "FU"}};
  const json::object other_product{{"name", "Chain"},   {"stock", 77},       {"received", 77},
                                   {"written_off", 77}, {"in_progress", 77}, {"fulfilled", 77},
                                   {"version", 77}};
  const json::object aborted{{"status", "aborted"}, {"status_code", "AB"}, {"version", 2}};
  const json::object placed{{"status", "in_progress"}, {"status_code", "PR"}, {"version", 2}};
  const json::object fulfilled{{"status", "fulfilled"}, {"status_code", "FU"}, {"version", 2}};
  const json::object never_aborted = with(other_order, {{"status", "aborted"}, {"status_code", "AB"}});
  const json::object not_retired = with(other_product, {{"retired", true}});
  return {
      {"abort", "/order/", order, "/order/*/", "abort/", {}, aborted, "order", other_order},
      {"abort a draft", "/order/", draft, "/order/*/", "abort/", {}, aborted, "order", other_order},
      {"fulfil", "/order/", order, "/order/*/", "fulfil/", {}, fulfilled, "order", never_aborted},
      {"place", "/order/", draft, "/order/*/", "place/", {}, placed, "order", other_order},
      {"receive",
       "/product/",
       product,
       "/product/*/",
       "receive/",
       {{"quantity", 2}},
       {{"stock", 7}, {"received", 7}, {"version", 2}},
       "sku",
       not_retired},
      {"write off",
       "/product/",
       product,
       "/product/*/",
       "write-off/",
       {{"quantity", 2}},
       {{"stock", 3}, {"written_off", 2}, {"version", 2}},
       "sku",
       not_retired},
      {"retire",
       "/product/",
       product,
       "/product/*/",
       "retire/",
       {},
       {{"retired", true}, {"version", 2}},
       "sku",
       other_product},
  };
}

class EchoedFields : public testing::Test {
 protected:
  EchoedFields() {
    ask("/product/", {{"sku", "A"}, {"stock", 1'000'000}});
    ask("/product/", {{"sku", "B"}, {"stock", 1'000'000}});
  }

  HttpReply ask(const std::string& target, const json::object& fields) {
    return wire_.ask("POST", target, json::serialize(fields));
  }
  HttpReply ask_as_form(const std::string& target, const json::object& fields) {
    return wire_.ask("POST", target, form_of(fields));
  }
  json::object read(const std::string& target) { return json::parse(wire_.get(target).body).as_object(); }

  /// Makes the order or product of the route, and returns its path.
  std::string given(const Route& route) {
    json::object fields = route.given;
    const std::string id = "n" + std::to_string(++ids_);
    fields[route.make == "/order/" ? "id" : "sku"] = id;
    const HttpReply made = ask(route.make, fields);
    EXPECT_EQ(made.status, 201) << made.body;
    answer_ = json::parse(made.body).as_object();
    return route.subject.substr(0, route.subject.find('*')) + id + "/";
  }

  RunningServer server_;
  HttpWire wire_{(*server_).http_endpoint().port()};
  int ids_ = 0;
  json::object answer_;  ///< To the request that made the latest.
};

TEST_F(EchoedFields, AreAcceptedWhenTheyMatchCurrentState) {
  for (const Route& route : routes()) {
    SCOPED_TRACE(route.name);
    std::string path = given(route);
    json::object is = with(read(path), route.own);
    EXPECT_EQ(ask(path + route.command, is).status, 200) << is;
    path = given(route);
    is = with(read(path), route.own);
    const HttpReply reply = ask_as_form(path + route.command, is);
    EXPECT_EQ(reply.status, 200) << form_of(is) << "\n" << reply.body;
  }
}

TEST_F(EchoedFields, AreAcceptedWhenTheyMatchResultingState) {
  for (const Route& route : routes()) {
    SCOPED_TRACE(route.name);
    std::string path = given(route);
    json::object will_be = with(with(read(path), route.own), route.will_be);
    EXPECT_EQ(ask(path + route.command, will_be).status, 200) << will_be;
    path = given(route);
    will_be = with(with(read(path), route.own), route.will_be);
    const HttpReply reply = ask_as_form(path + route.command, will_be);
    EXPECT_EQ(reply.status, 200) << form_of(will_be) << "\n" << reply.body;
  }
}

TEST_F(EchoedFields, AreAcceptedFromAnswerToCommand) {
  for (const Route& route : routes()) {
    SCOPED_TRACE(route.name);
    std::string path = given(route);
    EXPECT_EQ(ask(path + route.command, with(answer_, route.own)).status, 200) << answer_;
    path = given(route);
    const HttpReply reply = ask_as_form(path + route.command, with(answer_, route.own));
    EXPECT_EQ(reply.status, 200) << form_of(answer_) << "\n" << reply.body;
  }
}

TEST_F(EchoedFields, AreAcceptedFromReplayedAnswer) {
  const std::string key = "Idempotency-Key: place o\r\n";
  const std::string place = R"({"id":"o","product":"A"})";
  EXPECT_EQ(wire_.ask("POST", "/order/", place, key).status, 201);
  const HttpReply replay = wire_.ask("POST", "/order/", place, key);
  EXPECT_THAT(replay.body, HasSubstr("\"replayed\":true"));
  const HttpReply reply = wire_.ask("PUT", "/order/o/abort/", replay.body);
  EXPECT_EQ(reply.status, 200) << replay.body << reply.body;
}

TEST_F(EchoedFields, AreRefusedWithoutEffectWhenTheyContradictState) {
  for (const Route& route : routes()) {
    const std::string path = given(route);
    const json::object before = read(path);
    for (const auto& [name, value] : route.never_so) {
      SCOPED_TRACE(route.name + ", " + std::string(name));
      const json::object fields = with(with(before, route.own), {{name, value}});
      for (const HttpReply& reply :
           {ask(path + route.command, fields), ask_as_form(path + route.command, fields)}) {
        EXPECT_EQ(reply.status, 409) << reply.body;
        const json::value problem = json::parse(reply.body);
        EXPECT_EQ(problem.at("type").as_string(), "invalid_argument");
        EXPECT_THAT(std::string(problem.at("detail").as_string()), HasSubstr(std::string(name)));
        ASSERT_EQ(problem.at("errors").as_array().size(), 1U) << reply.body;
        EXPECT_EQ(problem.at("errors").at(0).at("pointer").as_string(), "/" + std::string(name));
        EXPECT_EQ(problem.at("state").at("version"), before.at("version"));
      }
    }
    json::object after = read(path);
    after["as_of"] = before.at("as_of");
    EXPECT_EQ(after, before) << route.name;
  }
}

TEST_F(EchoedFields, AreRefusedWhenTheyContradictPath) {
  for (const Route& route : routes()) {
    const std::string path = given(route);
    std::vector<std::string> names{route.id_field};
    names.emplace_back(route.id_field == "order" ? "id" : "product");
    for (const std::string& name : names) {
      const HttpReply reply = ask(path + route.command, with(route.own, {{name, "another"}}));
      EXPECT_EQ(reply.status, 400) << route.name << " " << name;
      EXPECT_THAT(reply.body, HasSubstr("\"errors\":[{\"pointer\":\"/" + name + "\""));
    }
  }
}

TEST_F(EchoedFields, AreRefusedWhenNoAnswerHasThem) {
  for (const Route& route : routes()) {
    const std::string path = given(route);
    const HttpReply reply = ask(path + route.command, with(route.own, {{"colour", "red"}}));
    EXPECT_EQ(reply.status, 400) << route.name;
    EXPECT_THAT(reply.body, HasSubstr(R"("errors":[{"pointer":"/colour","detail":"unknown field"}])"));
  }
}

TEST_F(EchoedFields, AreCheckedAfterDomainRules) {
  ask("/order/", {{"id", "o"}, {"product", "A"}});
  const json::object before = read("/order/o/");
  EXPECT_EQ(ask("/order/o/abort/", before).status, 200);
  const HttpReply again = ask("/order/o/abort/", before);
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr(R"("type":"order_already_aborted")"));
  EXPECT_EQ(ask("/order/none/abort/", {{"status", "in_progress"}}).status, 404);
}

/// The key is checked first: the state at the time of the first request may have changed.
TEST_F(EchoedFields, AreIgnoredWhenCommandIsReplayed) {
  ask("/order/", {{"id", "o"}, {"product", "A"}});
  const std::string body = json::serialize(read("/order/o/"));
  const std::string key = "Idempotency-Key: abort o\r\n";
  EXPECT_EQ(wire_.ask("PUT", "/order/o/abort/", body, key).status, 200);
  const HttpReply again = wire_.ask("PUT", "/order/o/abort/", body, key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
}

TEST_F(EchoedFields, LeaveKeyUnusedWhenTheyContradictState) {
  ask("/order/", {{"id", "o"}, {"product", "A"}});
  const std::string key = "Idempotency-Key: abort o\r\n";
  EXPECT_EQ(wire_.ask("PUT", "/order/o/abort/", R"({"status":"draft"})", key).status, 409);
  const HttpReply again = wire_.ask("PUT", "/order/o/abort/", R"({"status":"in_progress"})", key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.header("idempotency-replayed"), "");
}

// ---- what is new ------------------------------------------------------------------------------------------

TEST_F(EchoedFields, CreateOrderFromWholeOrder) {
  const json::object fields{{"id", "o"},           {"order", "o"},
                            {"product", "A"},      {"status", "in_progress"},
                            {"status_code", "PR"}, {"lines", {{{"sku", "A"}, {"quantity", 2}}}},
                            {"version", 1},        {"as_of", 3}};
  EXPECT_EQ(ask("/order/", fields).status, 201);
  const HttpReply form = ask_as_form("/order/", with(fields, {{"id", "p"}, {"order", "p"}}));
  EXPECT_EQ(form.status, 201) << form.body;
  const json::object draft =
      with(fields, {{"id", "d"}, {"order", "d"}, {"status", "draft"}, {"draft", true}});
  EXPECT_EQ(ask("/order/", with(draft, {{"status_code", "DR"}})).status, 201);
  for (const json::object& wrong : std::vector<json::object>{{{"order", "q"}},
                                                             {{"product", "B"}},
                                                             {{"status", "draft"}},
                                                             {{"status_code", "AB"}},
                                                             {{"version", 2}},
                                                             {{"quantity", 3}}}) {
    const HttpReply reply = ask("/order/", with(with(fields, {{"id", "r"}, {"order", "r"}}), wrong));
    EXPECT_EQ(reply.status, 400) << wrong;
    EXPECT_THAT(reply.body, HasSubstr("\"/" + std::string(wrong.begin()->key()) + "\""));
  }
}

TEST_F(EchoedFields, CreateProductFromWholeProduct) {
  const json::object fields{{"sku", "N"},       {"name", "Rope"}, {"stock", 5},       {"received", 5},
                            {"written_off", 0}, {"fulfilled", 0}, {"in_progress", 0}, {"retired", false},
                            {"version", 1},     {"as_of", 9}};
  EXPECT_EQ(ask("/product/", fields).status, 201);
  EXPECT_EQ(ask_as_form("/product/", with(fields, {{"sku", "M"}, {"product", "M"}})).status, 201);
  EXPECT_EQ(ask("/product/", {{"product", "L"}, {"stock", {{"L", 4}}}}).status, 201);
  EXPECT_EQ(read("/product/L/").at("stock"), 4);
  for (const json::object& wrong : std::vector<json::object>{{{"product", "P"}},
                                                             {{"received", 6}},
                                                             {{"fulfilled", 1}},
                                                             {{"retired", true}},
                                                             {{"version", 2}}}) {
    const HttpReply reply = ask("/product/", with(with(fields, {{"sku", "O"}}), wrong));
    EXPECT_EQ(reply.status, 400) << wrong;
    EXPECT_THAT(reply.body, HasSubstr("\"/" + std::string(wrong.begin()->key()) + "\""));
  }
}

// ---- the client that asked --------------------------------------------------------------------------------

TEST_F(EchoedFields, AbortOrderOnceWhenProductIsSent) {
  ask("/product/", {{"sku", "1"}, {"stock", 1}});
  EXPECT_EQ(wire_.ask("POST", "/order/", "product=1").status, 201);
  for (const std::string body : {"product=1&_method=PUT", "product=1"}) {
    const std::string order = body == "product=1" ? "2" : "1";
    int done = 0;
    for (int i = 0; i < 5; ++i) {
      const HttpReply reply = wire_.ask("POST", "/order/" + order + "/abort/", body);
      EXPECT_TRUE(reply.status == 200 || reply.status == 409) << reply.body;
      done += reply.status == 200 ? 1 : 0;
    }
    EXPECT_EQ(done, 1) << body;
    EXPECT_EQ(read("/product/1/").at("stock"), 1);
    EXPECT_EQ(wire_.ask("POST", "/order/", "product=1").status, 201);
  }
}

}  // namespace
}  // namespace stockfold
