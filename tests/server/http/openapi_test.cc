// Compares the description of the REST interface with the ledger's answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/refusal.h"
#include "server/access/tokens_for_test.h"
#include "server/http/described_operation.h"
#include "server/http/json_schema.h"
#include "server/http/page/page.h"
#include "server/http/plain_answers.h"
#include "server/http/wire.h"
#include "server/running_server.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// Clocks of which only the first reading is trusted.
Clocks clocks_that_jump() {
  return {.wall = [time = std::make_shared<std::atomic<std::int64_t>>(
                       0)] { return UnixMillis(*time += 1'000'000); },
          .running = [] { return 0ms; }};
}

class OpenApiDocument : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Operation> operations() const {
    std::vector<Operation> all;
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
      for (const auto& [method, described] : methods.as_object()) {
        all.push_back({std::string(path), std::string(method)});
      }
    }
    return all;
  }
  [[nodiscard]] const json::object& described(const Operation& operation) const {
    return document_.at("paths").at(operation.path).at(operation.method).as_object();
  }
  /// The response for a status; null if none is described.
  [[nodiscard]] const json::value* response(const Operation& operation, int status) const {
    const auto* found = described(operation).at("responses").as_object().if_contains(std::to_string(status));
    return found == nullptr ? nullptr : &schema_.resolved(*found);
  }

  /// Checks that an answer is described, and records that it was seen.
  void check(const Operation& operation, const HttpReply& reply) {
    SCOPED_TRACE(operation.str() + ": " + std::to_string(reply.status) + " " + reply.body.substr(0, 500));
    const json::value* described = response(operation, reply.status);
    ASSERT_NE(described, nullptr) << "the status is not described";
    seen_.insert(operation.str() + " " + std::to_string(reply.status));
    for (const char* name : {"ETag", "Location", "Idempotency-Replayed", "Link", "Retry-After", "Allow",
                             "WWW-Authenticate", "Accept-Encoding"}) {
      check_header(*described, name, reply);
    }
    const auto* contents = described->as_object().if_contains("content");
    if (contents == nullptr) {
      EXPECT_EQ(reply.body, "");
      return;
    }
    const std::string type = reply.header("content-type");
    const auto* content = contents->as_object().if_contains(type);
    ASSERT_NE(content, nullptr) << type << " is not described";
    check_body(type, content->at("schema"), reply.body);
    if (type != "application/problem+json") return;
    const std::string problem(json::parse(reply.body).at("type").as_string());
    seen_.insert(operation.str() + " " + std::to_string(reply.status) + " " + problem);
    problems_.insert(problem);
  }
  void check_header(const json::value& described, const char* name, const HttpReply& reply) {
    std::string in_small(name);
    for (char& c : in_small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string sent = reply.header(in_small);
    if (sent.empty()) return;
    const auto* headers = described.as_object().if_contains("headers");
    const auto* header = headers == nullptr ? nullptr : headers->as_object().if_contains(name);
    ASSERT_NE(header, nullptr) << name << " is not described";
    EXPECT_EQ(schema_.wrong(json::value(sent), schema_.resolved(*header).at("schema")), "");
  }
  void check_body(const std::string& type, const json::value& schema, const std::string& body) const {
    if (type == "application/x-ndjson") {
      EXPECT_EQ(schema_.wrong(json::value(body), schema), "");
      const json::value& of_line = schema.at("contentSchema").at("items");
      for (const std::string& line : lines_of(body)) EXPECT_EQ(schema_.wrong(json::parse(line), of_line), "");
    } else if (type.find("json") != std::string::npos) {
      EXPECT_EQ(schema_.wrong(json::parse(body), schema), "");
    } else {
      EXPECT_EQ(schema_.wrong(json::value(body), schema), "");
    }
  }

  /// The body that a valid request of the operation needs.
  static std::string body_for(const Operation& operation) {
    static const std::map<std::string, std::string> kBodies = {
        {"/order", R"({"product":"A"})"},
        {"/product", R"({"sku":"N"})"},
        {"/product/{SKU}/receive", R"({"quantity":1})"},
        {"/batch", R"({"commands":[{"command":"receive_stock","sku":"A","quantity":1}]})"},
        {"/product/{SKU}/write-off", R"({"quantity":1})"},
    };
    const auto found = kBodies.find(operation.path);
    const bool needed = operation.method == "post" || operation.path.starts_with("/product");
    return operation.method != "get" && found != kBodies.end() && needed ? found->second : "";
  }
  HttpReply ask(const Operation& operation, const std::string& id, const std::string& body,
                const std::string& headers = "", const std::string& query = "") {
    if (body.starts_with('{')) {
      const auto& request = schema_.resolved(described(operation).at("requestBody"));
      EXPECT_EQ(schema_.wrong(json::parse(body), request.at("content").at("application/json").at("schema")),
                "")
          << operation.str();
    }
    const HttpReply reply = wire().ask(operation.method_sent(), operation.target(id) + query, body, headers);
    check(operation, reply);
    return reply;
  }
  HttpReply ask(const Operation& operation, const std::string& id) {
    return ask(operation, id, body_for(operation));
  }
  /// Sends bytes unchanged, over a connection of their own.
  void send(RunningServer& server, const Operation& operation, const std::string& bytes,
            const std::string& version = "HTTP/1.1") {
    HttpWire wire((*server).http_endpoint().port());
    wire.send(operation.method_sent() + " " + operation.target("A") + " " + version + "\r\n" + bytes);
    const auto reply = wire.receive();
    ASSERT_TRUE(reply.has_value()) << operation.str();
    check(operation, *reply);
  }

  HttpWire& wire() {
    if (!wire_) wire_ = std::make_unique<HttpWire>((*server_).http_endpoint().port());
    return *wire_;
  }
  /// Makes an order of product A, and returns its id.
  std::string given_order(bool draft = false) {
    const Operation place{"/order/", "post"};
    const HttpReply placed = ask(place, "", draft ? R"({"product":"A","draft":true})" : R"({"product":"A"})");
    return std::string(json::parse(placed.body).at("id").as_string());
  }
  std::string given_ended_order(const std::string& how) {
    const std::string id = given_order();
    ask({"/order/{ID}/" + how + "/", "put"}, id);
    return id;
  }
  /// Uses the same key twice, for two different requests.
  void reuse_a_key(const Operation& operation, const std::string& id, const std::string& body,
                   const std::string& other_id, const std::string& other_body) {
    const std::string key = "Idempotency-Key: k" + std::to_string(++keys_) + "\r\n";
    ask(operation, id, body, key);
    EXPECT_EQ(ask(operation, id, body, key).header("idempotency-replayed"), "true");
    EXPECT_EQ(ask(operation, other_id, other_body, key).status, 409);
  }

  void ask_about_orders();
  void ask_about_products();
  void ask_for_batches();
  void ask_for_reads();
  void ask_wrongly();
  void ask_a_ledger_that_cannot();
  void ask_as_nobody_and_without_the_scope();

  const json::value document_ = json::parse(page_file("openapi.json")->bytes);
  const JsonSchema schema_{document_};
  RunningServer server_;
  std::unique_ptr<HttpWire> wire_;
  int keys_ = 0;
  std::set<std::string> seen_;  ///< "put /order/{ID}/abort/ 409 order_already_aborted", and without the type.
  std::set<std::string> problems_;  ///< Types.
};

void OpenApiDocument::ask_about_orders() {
  const Operation make{"/order/", "post"};
  ask(make, "", R"({"lines":[{"sku":"A","quantity":2},{"sku":"B"}],"id":"o-1","actor":"alice"})");
  ask(make, "", R"({"product":"A","id":"o-1"})");
  ask(make, "", R"({"product":"nobody"})");
  ask(make, "", R"({"product":"B","quantity":1000})");
  ask(make, "", R"({"product":"retired"})");
  ask(make, "", R"({"product":"A","id":"o-1"})", "If-Match: \"7\"\r\n");
  reuse_a_key(make, "", R"({"product":"A"})", "", R"({"product":"B"})");
  for (const char* method : {"put", "patch", "post"}) {
    const Operation place{"/order/{ID}/place/", method};
    ask(place, given_order(/*draft=*/true));
    ask(place, given_order());
    ask(place, "nobody");
    ask(place, given_order(true), "", "If-Match: \"7\"\r\n");
    ask(make, "", R"({"product":"B","quantity":1000,"draft":true,"id":"large)" + std::string(method) + "\"}");
    ask(place, "large" + std::string(method));
    ask(place, "of-retired");
    EXPECT_EQ(ask(place, given_order(true), R"({"product":"B"})").status, 409);
    reuse_a_key(place, given_order(true), "", given_order(true), "");
    for (const char* how : {"abort", "fulfil"}) {
      const Operation end{"/order/{ID}/" + std::string(how) + "/", method};
      const std::string body = body_for(end);
      ask(end, given_order());
      ask(end, given_ended_order("abort"));
      ask(end, given_ended_order("fulfil"));
      ask(end, given_order(true));
      ask(end, "nobody");
      ask(end, given_order(), body, "If-Match: \"7\"\r\n");
      EXPECT_EQ(ask(end, given_order(), R"({"product":"A","version":1})").status, 200);
      EXPECT_EQ(ask(end, given_order(), R"({"product":"B"})").status, 409);
      reuse_a_key(end, given_order(), body, given_order(), body);
    }
  }
}

void OpenApiDocument::ask_about_products() {
  const Operation make{"/product/", "post"};
  ask(make, "", R"({"sku":"P","name":"Anvil","stock":3})");
  ask(make, "", R"({"sku":"P"})");
  ask(make, "", R"({"sku":"P"})", "If-Match: \"7\"\r\n");
  reuse_a_key(make, "", R"({"sku":"Q"})", "", R"({"sku":"S"})");
  const Operation receive{"/product/{SKU}/receive/", "post"};
  const Operation write_off{"/product/{SKU}/write-off/", "post"};
  const Operation retire{"/product/{SKU}/retire/", "post"};
  for (const Operation& operation : {receive, write_off, retire}) {
    const std::string body = body_for(operation);
    ask(operation, "P", body, "If-Match: \"77\"\r\n");
    const bool has_quantity = !body.empty();
    EXPECT_EQ(
        ask(operation, "P", has_quantity ? R"({"quantity":1,"version":77})" : R"({"version":77})").status,
        409);
    ask(operation, "P");
    ask(operation, "retired");
    ask(operation, "nobody");
    reuse_a_key(operation, "Q", body, "A", body);
  }
  ask(write_off, "B", R"({"quantity":1000,"reason":"rust"})");
  ask(make, "", R"({"sku":"full","stock":9007199254740991})");
  ask(receive, "full", R"({"quantity":1})");
}

void OpenApiDocument::ask_for_batches() {
  const Operation batch{"/batch/", "post"};
  const std::string commands = R"("commands":[{"command":"register_product","sku":"in-batch","stock":1},)"
                               R"({"command":"place_order","order":"in-batch","product":"in-batch"},)"
                               R"({"command":"abort_order","order":"in-batch","reason":"late"},)"
                               R"({"command":"place_order","product":"in-batch","quantity":7},)"
                               R"({"command":"receive_stock","sku":"in-batch","quantity":0}])";
  for (const char* rest : {"", ",\"atomic\":true"}) {
    const auto reply = ask(batch, "", "{" + commands + rest + "}");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(json::parse(reply.body).at("outcomes").as_array().size(), 5U);
  }
}

void OpenApiDocument::ask_for_reads() {
  for (const Operation& operation : operations()) {
    if (operation.method != "get") continue;
    const bool of_an_order = operation.path.find("{ID}") != std::string::npos;
    const bool of_an_asset = operation.path.find("{NAME}") != std::string::npos;
    const std::string id = of_an_order ? "o-1" : of_an_asset ? "page.js" : "A";
    const HttpReply reply = ask(operation, id);
    EXPECT_EQ(reply.status, 200);
    if (response(operation, 304) != nullptr) {
      EXPECT_EQ(ask(operation, id, "", "If-None-Match: " + reply.header("etag") + "\r\n").status, 304);
    }
    if (response(operation, 404) != nullptr) ask(operation, "nobody");
    if (response(operation, 409) != nullptr) ask(operation, id, "", "", "?life=00000000.1");
  }
  for (const char* path : {"/order/", "/product/", "/events/"}) {
    EXPECT_NE(ask({path, "get"}, "", "", "", "?limit=1").header("link"), "");
  }
  ask({"/order/{ID}/", "get"}, "o-1", "", "", "?at=2020-01-01T00:00:00Z");
  ask({"/product/{SKU}/", "get"}, "A", "", "", "?at=1&min_position=1");
  ask({"/assets/{NAME}", "get"}, "page.css");
  const Operation events{"/events/", "get"};
  HttpWire live((*server_).http_endpoint().port());
  HttpReply head = live.ask("GET", "/events/", "", "Accept: text/event-stream\r\n");
  (void)live.piece();  // the heartbeat that opens it
  head.body = live.piece().value_or("");
  check(events, head);
  EXPECT_THAT(head.body, testing::HasSubstr("@1\ndata: {"));
  check(events, HttpWire((*server_).http_endpoint().port())
                    .ask("GET", "/events/", "",
                         "Accept: text/event-stream\r\nCache-Control: no-cache\r\nSec-Fetch-Mode: cors\r\n"
                         "Last-Event-ID: told:another_life\r\n"));
  const Operation of_head{"/head/", "get"};
  const json::value now = json::parse(ask(of_head, "").body);
  EXPECT_EQ(head.body.substr(4, head.body.find('@') - 4), now.at("life").as_string());
}

/// Sends requests of every operation that are rejected before their command or question is reached.
void OpenApiDocument::ask_wrongly() {
  RunningServer impatient({.http_timeout = 50ms});
  std::vector<std::pair<Operation, std::unique_ptr<HttpWire>>> unfinished;
  for (const Operation& operation : operations()) {
    auto wire = std::make_unique<HttpWire>((*impatient).http_endpoint().port());
    wire->send(operation.method_sent() + " " + operation.target("A") + " HTTP/1.1\r\n");
    unfinished.emplace_back(operation, std::move(wire));

    if (operation.method != "get") {
      ask(operation, "A", body_for(operation), "Stockfold-Life: 00000000.9\r\n");
      EXPECT_TRUE(seen_.contains(operation.str() + " 409 another_life")) << operation.str();
    }
    send(server_, operation, "\r\n");  // without a host
    send(server_, operation, "Host: localhost\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n");
    send(server_, operation, "Host: localhost\r\nExpect: much\r\n\r\n");
    send(server_, operation, "Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    send(server_, operation, "Host: localhost\r\n\r\n", "HTTP/3.0");
    if (operation.method == "get") continue;
    send(server_, operation, "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n");
    send(server_, operation, "Host: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx");
    send(server_, operation,
         "Host: localhost\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: "
         "2\r\n\r\n{}");
    send(server_, operation, "Host: localhost\r\nContent-Length: 2000000\r\n\r\n");
    if (response(operation, 405) != nullptr) send(server_, operation, "Host: localhost\r\n\r\n");
  }
  for (auto& [operation, wire] : unfinished) {
    const auto reply = wire->receive();
    ASSERT_TRUE(reply.has_value()) << operation.str();
    check(operation, *reply);
  }
}

void OpenApiDocument::ask_a_ledger_that_cannot() {
  RunningServer full({.engine = {.writer = {.queue_limit = 0}}, .session = {.read = 1ms}});
  for (const Operation& operation : operations()) {
    if (response(operation, 503) == nullptr) continue;
    const std::string body = body_for(operation);
    HttpWire wire((*full).http_endpoint().port());
    const bool waits = operation.method == "get" && operation.path != "/health/ready";
    check(operation,
          wire.ask(operation.method_sent(), operation.target("A") + (waits ? "?min_position=99" : ""), body));
  }
  RunningServer out_of_room(
      {.engine = {.disk_space = [] { return DiskSpace{.free_bytes = 1, .all_bytes = 100}; }}});
  for (const Operation& operation : operations()) {
    if (response(operation, 503) == nullptr || operation.method == "get") continue;
    HttpWire wire((*out_of_room).http_endpoint().port());
    check(operation, wire.ask(operation.method_sent(), operation.target("A"), body_for(operation)));
    if (operation.path == "/batch") continue;  // the problem is an outcome
    EXPECT_TRUE(seen_.contains(operation.str() + " 503 out_of_space")) << operation.str();
  }
  RunningServer wrong_clock({.engine = {.clocks = clocks_that_jump()}});
  for (const Operation& operation : operations()) {
    if (response(operation, 503) == nullptr || operation.method == "get") continue;
    HttpWire wire((*wrong_clock).http_endpoint().port());
    check(operation, wire.ask(operation.method_sent(), operation.target("A"), body_for(operation)));
    if (operation.path == "/batch") continue;
    EXPECT_TRUE(seen_.contains(operation.str() + " 503 clock_jumped")) << operation.str();
  }
  const HttpAnswer behind = answer_to(
      Readiness{.head = GlobalPosition(9), .applied = GlobalPosition(1), .max_view_lag = 5, .late = {}});
  check({"/health/ready", "get"},
        {.status = static_cast<int>(behind.status),
         .headers = {{"content-type", std::string(behind.type)}, {"retry-after", "1"}},
         .body = behind.body});
}

void OpenApiDocument::ask_as_nobody_and_without_the_scope() {
  const TokensForTest tokens({{"idle", {Scope::admin}}});
  RunningServer closed({.tokens = tokens.path()});
  for (const Operation& operation : operations()) {
    send(server_, operation, "Host: evil.example\r\n\r\n");
    if (response(operation, 401) == nullptr) continue;
    send(closed, operation, "Host: localhost\r\n\r\n");
    const std::string body = body_for(operation);
    HttpWire wire((*closed).http_endpoint().port());
    const HttpReply reply =
        wire.ask(operation.method_sent(), operation.target("A"), body, tokens.header("idle"));
    EXPECT_EQ(reply.status, 403);
    check(operation, reply);
  }
}

TEST_F(OpenApiDocument, MatchesEveryAnswerOfTheLedger) {
  ask({"/product/", "post"}, "", R"({"sku":"A","stock":100000})");
  ask({"/product/", "post"}, "", R"({"sku":"B","stock":1})");
  ask({"/product/", "post"}, "", R"({"sku":"retired","stock":1})");
  ask({"/order/", "post"}, "", R"({"product":"retired","draft":true,"id":"of-retired"})");
  ask({"/product/{SKU}/retire/", "post"}, "retired");
  ask_about_orders();
  ask_about_products();
  ask_for_batches();
  ask_for_reads();
  ask_wrongly();
  ask_a_ledger_that_cannot();
  ask_as_nobody_and_without_the_scope();
  check({"/assets/{NAME}", "get"}, wire().get("/assets/none"));

  for (const Operation& operation : operations()) {
    for (const auto& [status, described] : described(operation).at("responses").as_object()) {
      EXPECT_TRUE(seen_.contains(operation.str() + " " + std::string(status)))
          << operation.str() << ": nothing was answered with " << status;
      if (status != "409") continue;
      const auto& content = schema_.resolved(described).at("content");
      const auto& types = content.at("application/problem+json").at("schema").at("allOf").at(1);
      for (const json::value& type : types.at("properties").at("type").at("enum").as_array()) {
        EXPECT_TRUE(seen_.contains(operation.str() + " 409 " + std::string(type.as_string())))
            << operation.str() << " was never " << type;
      }
    }
  }
}

TEST_F(OpenApiDocument, ListsEveryProblem) {
  std::set<std::string> described;
  for (const json::value& type :
       document_.at_pointer("/components/schemas/Problem/properties/type/enum").as_array()) {
    described.insert(std::string(type.as_string()));
  }
  for (int number = 1; number <= static_cast<int>(kLastRule); ++number) {
    if (is_error_code(static_cast<std::uint8_t>(number))) continue;
    EXPECT_TRUE(described.contains(std::string(name_of(Rule(number))))) << number;
  }
  for (const ErrorCode code : kAllErrorCodes) {
    EXPECT_TRUE(described.contains(std::string(name_of(code)))) << name_of(code);
  }
  check({"/assets/{NAME}", "get"}, wire().get("/assets/none"));
}

TEST_F(OpenApiDocument, ListsMethodsOfEveryPath) {
  std::map<std::string, std::set<std::string>> methods;
  for (const Operation& operation : operations()) {
    methods[operation.path].insert(operation.method_sent());
    if (operation.method == "get") methods[operation.path].insert("HEAD");
  }
  for (auto& [path, described] : methods) {
    described.insert("OPTIONS");
    std::set<std::string> allowed;
    const Operation any{path, ""};
    std::string allow = wire().ask("OPTIONS", any.target("A")).header("allow");
    while (!allow.empty()) {
      allowed.insert(allow.substr(0, allow.find(',')));
      allow.erase(
          0, allowed.size() > 0 && allow.find(',') != std::string::npos ? allow.find(',') + 2 : allow.size());
    }
    EXPECT_EQ(allowed, described) << path;
  }
}

/// Generators treat bodies that are not JSON documents as strings; validating proxies check them as strings.
TEST_F(OpenApiDocument, DescribesNonJsonBodiesAsStrings) {
  for (const Operation& operation : operations()) {
    for (const auto& [status, reference] : described(operation).at("responses").as_object()) {
      const auto* contents = schema_.resolved(reference).as_object().if_contains("content");
      if (contents == nullptr) continue;
      for (const auto& [type, content] : contents->as_object()) {
        if (type == "application/json" || type == "application/problem+json") continue;
        EXPECT_EQ(content.at("schema").at("type").as_string(), "string") << operation.str() << " " << type;
      }
    }
  }
}

TEST_F(OpenApiDocument, HasValidExamples) {
  int examples = 0;
  for (const Operation& operation : operations()) {
    for (const auto& [status, reference] : described(operation).at("responses").as_object()) {
      const auto* contents = schema_.resolved(reference).as_object().if_contains("content");
      if (contents == nullptr) continue;
      for (const auto& [type, content] : contents->as_object()) {
        const auto* named = content.as_object().if_contains("examples");
        if (named == nullptr) continue;
        for (const auto& [name, example] : named->as_object()) {
          SCOPED_TRACE(operation.str() + " " + std::string(name));
          const json::value& value = schema_.resolved(example).at("value");
          EXPECT_EQ(schema_.wrong(value, content.at("schema")), "");
          const std::string body =
              value.is_string() ? std::string(value.as_string()) : json::serialize(value);
          check_body(type, content.at("schema"), body);
          ++examples;
        }
      }
    }
  }
  EXPECT_GT(examples, 100);
}

TEST_F(OpenApiDocument, IsServed) {
  const HttpReply reply = wire().get("/openapi.json");
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.body, page_file("openapi.json")->bytes);
  EXPECT_EQ(document_.at("openapi").as_string(), "3.1.0");
}

}  // namespace
}  // namespace stockfold
