// Access to a running server over both protocols: tokens, scopes and certificates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "protocol/example_messages.h"
#include "server/access/tokens_for_test.h"
#include "server/http/wire.h"
#include "server/running_server.h"
#include "server/world.h"
#include "support/certificates.h"

namespace stockfold {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class AccessControl : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Wire> logged_in(const std::string& name) const {
    auto wire = server_.connect();
    wire->send(2, LogIn{tokens_.text(name)});
    EXPECT_EQ(wire->receive_as<LoggedIn>(2).name, name);
    return wire;
  }
  [[nodiscard]] HttpWire http() { return HttpWire((*server_).http_endpoint().port()); }
  /// Waits until the server has seen what was done to the token file.
  template <class Done>
  static void wait_for(Done done) {
    for (int i = 0; i < 500 && !done(); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(done());
  }

  TokensForTest tokens_{{{"reader", {Scope::read}},
                         {"buyer", {Scope::command}},
                         {"keeper", {Scope::admin}},
                         {"boss", kEveryScope}}};
  RunningServer server_{{.tokens = tokens_.path()}};
};

TEST_F(AccessControl, RefusesRequestsBeforeLogin) {
  const std::vector<Request> requests = {ShowHead{},
                                         CommandRequest{abort_order("1")},
                                         CommandBatch{{abort_order("1")}, false},
                                         MakeCheckpoint{},
                                         ClientHello{},
                                         ShowProduct{*Sku::parse("A"), {}}};
  for (const Request& request : requests) {
    const auto wire = server_.connect();
    wire->send(2, request);
    const auto error = wire->receive_as<ErrorReply>(2);
    EXPECT_EQ(error.code, ErrorCode::unauthorized);
    EXPECT_TRUE(error.closing);
    EXPECT_FALSE(wire->receive().has_value());
  }
}

TEST_F(AccessControl, DelaysAnswerToWrongTokenAndCloses) {
  const auto begun = std::chrono::steady_clock::now();
  for (const std::string& token : {std::string("nonsense"), tokens_.text("boss") + "0", std::string()}) {
    const auto wire = server_.connect();
    wire->send(2, LogIn{token});
    wire->send(3, ShowHead{});
    const auto error = wire->receive_as<ErrorReply>(2);
    EXPECT_EQ(error.code, ErrorCode::unauthorized);
    EXPECT_EQ(error.detail, "the token is not valid for this ledger, or no longer valid");
    EXPECT_FALSE(wire->receive().has_value()) << "what was sent behind is not looked at";
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 100ms + 200ms + 400ms);
}

TEST_F(AccessControl, RefusesOversizedHelloBeforeLogin) {
  const auto wire = server_.connect_silently();
  std::string hello;
  encode_request({1, ClientHello{.client = "test"}}, hello);
  hello.resize(5'000, 'x');
  hello.replace(0, 4, std::string_view("\x00\x00\x10\x00", 4));  // 1 MiB is announced
  wire->send_bytes(hello);
  EXPECT_TRUE(wire->receive_as<ErrorReply>(0).closing);
  EXPECT_FALSE(wire->receive().has_value());
}

TEST_F(AccessControl, RefusesLargeCommandBeforeLogin) {
  const auto wire = server_.connect();
  const std::string start("\x00\x00\x10\x00", 4);  // 1 MiB is announced
  wire->send_bytes(start + std::string(5'000, 'x'));
  const auto error = wire->receive_as<ErrorReply>(0);
  EXPECT_EQ(error.code, ErrorCode::unauthorized);
  EXPECT_TRUE(error.closing);
  EXPECT_FALSE(wire->receive().has_value());
}

TEST_F(AccessControl, ReportsUnreadableTokenFileInMetrics) {
  using std::filesystem::perms;
  const auto says = [&](const char* what) {
    HttpWire wire = http();
    const std::string metrics = wire.ask("GET", "/metrics", "", tokens_.header("reader")).body;
    return metrics.find(std::string("\nstockfold_tokens_unreadable ") + what + "\n") != std::string::npos;
  };
  EXPECT_TRUE(says("0"));
  std::filesystem::permissions(tokens_.path(), perms::others_read, std::filesystem::perm_options::add);
  wait_for([&] { return says("1"); });
  std::filesystem::permissions(tokens_.path(), perms::owner_read);
  wait_for([&] { return says("0"); });
}

TEST_F(AccessControl, RefusesMissingTokenFile) {
  ServerOptions options{.tokens = tokens_.path().string() + "x"};
  const auto closed = check_access(options);
  ASSERT_FALSE(closed.has_value());
  EXPECT_THAT(closed.error(), HasSubstr("tokens.jsonx: there is no such file of tokens"));
}

TEST_F(AccessControl, AppliesRevocationOnceTokenFileIsReadableAgain) {
  using std::filesystem::perms;
  const auto reader = logged_in("reader");
  std::filesystem::permissions(tokens_.path(), perms::others_read, std::filesystem::perm_options::add);
  reader->send(3, ShowHead{});
  reader->receive_as<HeadReply>(3);
  tokens_.revoke("reader");
  std::filesystem::permissions(tokens_.path(), perms::others_read, std::filesystem::perm_options::add);
  std::this_thread::sleep_for(600ms);
  std::filesystem::permissions(tokens_.path(), perms::owner_read);  // it is the same file
  EXPECT_FALSE(reader->receive().has_value());
}

/// Every request by every caller: its scope decides, and nothing else.
TEST_F(AccessControl, ChecksScopeOfEveryRequest) {
  const RunningServer server({.tokens = tokens_.path(), .session = {.read = 1ms}});
  for (const auto& [name, message, version] : example_requests()) {
    const auto needed = scope_of(message.request);
    if (!needed) continue;
    for (const auto& [caller, scopes] :
         {std::pair("reader", Scopes{Scope::read}), std::pair("buyer", Scopes{Scope::command}),
          std::pair("keeper", Scopes{Scope::admin}), std::pair("boss", kEveryScope)}) {
      SCOPED_TRACE(std::string(name) + " by " + caller);
      const auto wire = server.connect();
      wire->send(2, LogIn{tokens_.text(caller)});
      wire->receive_as<LoggedIn>(2);
      Request request = message.request;
      auto* command = std::get_if<CommandRequest>(&request);
      if (command != nullptr) command->command.actor.clear();
      auto* batch = std::get_if<CommandBatch>(&request);
      if (batch != nullptr) {
        for (Command& each : batch->commands) each.actor.clear();
      }
      wire->send(3, request);
      if (std::holds_alternative<FollowEvents>(request) || std::holds_alternative<FollowTypes>(request)) {
        wire->finish();  // an allowed request never ends
      }
      const auto reply = wire->receive();
      std::optional<ErrorCode> refused;
      if (reply) {
        const auto* error = std::get_if<ErrorReply>(&reply->reply);
        const auto* answer = std::get_if<CommandReply>(&reply->reply);
        const auto* failure = answer != nullptr ? std::get_if<Failure>(&answer->answer.outcome) : nullptr;
        if (error != nullptr) refused = error->code;
        if (failure != nullptr) refused = failure->code;
      }
      EXPECT_EQ(refused == ErrorCode::forbidden, !scopes.holds(*needed));
    }
  }
}

struct HttpCase {
  const char* method;
  const char* target;
  std::optional<Scope> needed;
};
constexpr std::array kHttpCases = {
    HttpCase{"GET", "/order/", Scope::read},
    HttpCase{"POST", "/order/", Scope::command},
    HttpCase{"GET", "/order/1/", Scope::read},
    HttpCase{"GET", "/order/1/explain/", Scope::read},
    HttpCase{"POST", "/order/1/place/", Scope::command},
    HttpCase{"PUT", "/order/1/abort/", Scope::command},
    HttpCase{"PATCH", "/order/1/fulfil/", Scope::command},
    HttpCase{"GET", "/product/", Scope::read},
    HttpCase{"POST", "/product/", Scope::command},
    HttpCase{"GET", "/product/A/", Scope::read},
    HttpCase{"GET", "/product/A/explain/", Scope::read},
    HttpCase{"GET", "/product/A/movements/", Scope::read},
    HttpCase{"POST", "/product/A/receive/", Scope::command},
    HttpCase{"POST", "/product/A/write-off/", Scope::command},
    HttpCase{"POST", "/product/A/retire/", Scope::command},
    HttpCase{"POST", "/batch/", Scope::command},
    HttpCase{"GET", "/events/", Scope::read},
    HttpCase{"HEAD", "/events/", Scope::read},
    HttpCase{"GET", "/head/", Scope::read},
    HttpCase{"GET", "/metrics", Scope::read},
    HttpCase{"GET", "/health/live", std::nullopt},
    HttpCase{"GET", "/health/ready", std::nullopt},
    HttpCase{"GET", "/", std::nullopt},
    HttpCase{"GET", "/assets/page.js", std::nullopt},
    HttpCase{"GET", "/openapi.json", std::nullopt},
    HttpCase{"OPTIONS", "/order/", std::nullopt},
};

/// Enough fields to make the command valid.
std::string body_for(const HttpCase& one) {
  const std::string_view target = one.target;
  if (one.method[0] != 'P') return "";
  if (target == "/order/") return "product=A";
  if (target == "/product/") return "sku=A";
  if (target == "/batch/") return R"({"commands":[{"command":"retire_product","sku":"A"}]})";
  return target.ends_with("receive/") || target.ends_with("write-off/") ? "quantity=1" : "";
}

TEST_F(AccessControl, ChecksScopeOfEveryRoute) {
  for (const HttpCase& one : kHttpCases) {
    for (const auto& [caller, scopes] :
         {std::pair("", Scopes{}), std::pair("reader", Scopes{Scope::read}),
          std::pair("buyer", Scopes{Scope::command}), std::pair("keeper", Scopes{Scope::admin}),
          std::pair("boss", kEveryScope)}) {
      SCOPED_TRACE(std::string(one.method) + " " + one.target + " by " + caller);
      HttpWire wire = http();
      const bool is_nobody = *caller == '\0';
      const HttpReply reply =
          wire.ask(one.method, one.target, body_for(one), is_nobody ? "" : tokens_.header(caller));
      EXPECT_EQ(reply.status == 401, one.needed.has_value() && is_nobody);
      EXPECT_EQ(reply.status == 403, one.needed.has_value() && !is_nobody && !scopes.holds(*one.needed));
      EXPECT_EQ(reply.header("www-authenticate") == "Bearer realm=\"stockfold\"", reply.status == 401);
    }
  }
}

TEST_F(AccessControl, ReadsNoBodyWithoutToken) {
  HttpWire wire = http();
  wire.send(
      "POST /order/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
      "Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n");
  const auto reply = wire.receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 401);
  EXPECT_EQ(reply->header("connection"), "close");
  wire.finish();
  EXPECT_TRUE(wire.is_over());
}

TEST_F(AccessControl, DelaysAnswersToWrongTokensOverHttp) {
  const auto begun = std::chrono::steady_clock::now();
  HttpWire wire = http();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(wire.ask("GET", "/head/", "", "Authorization: Bearer nonsense\r\n").status, 401);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 100ms + 200ms + 400ms);
  const auto at_once = std::chrono::steady_clock::now();
  EXPECT_EQ(wire.ask("GET", "/head/", "", tokens_.header("boss")).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - at_once, 800ms) << "who has a good one does not wait";
  EXPECT_THAT(wire.ask("GET", "/metrics", "", tokens_.header("boss")).body,
              HasSubstr("stockfold_log_ins_failed_total 3\n"));
}

TEST_F(AccessControl, RecordsTokenNameAsActorOfEveryEvent) {
  const auto wire = logged_in("boss");
  Command command{.body = RegisterProduct{*Sku::parse("A"), "Anvil", 5}};
  EXPECT_TRUE(std::holds_alternative<Accepted>(wire->execute(3, command).outcome));
  command = {.body = ReceiveStock{*Sku::parse("A"), 1, ""}};
  command.actor = "somebody else";
  const Answer refused = wire->execute(4, command);
  ASSERT_TRUE(std::holds_alternative<Failure>(refused.outcome));
  EXPECT_EQ(std::get<Failure>(refused.outcome).code, ErrorCode::forbidden);
  HttpWire web = http();
  EXPECT_EQ(web.ask("POST", "/order/", R"({"product":"A"})", tokens_.header("buyer")).status, 201);
  EXPECT_EQ(web.ask("POST", "/order/", R"({"product":"A","actor":"boss"})", tokens_.header("buyer")).status,
            403);
  EXPECT_EQ(web.ask("POST", "/order/", R"({"product":"A","actor":"buyer"})", tokens_.header("buyer")).status,
            201);
  wire->send(5, ReadEvents{});
  std::vector<std::string> actors;
  for (const RecordedEvent& event : wire->receive_as<EventsReply>(5).events) actors.push_back(event.actor);
  EXPECT_EQ(actors, (std::vector<std::string>{"boss", "buyer", "buyer"}));
}

TEST_F(AccessControl, ClosesConnectionsOfRevokedToken) {
  const auto reader = logged_in("reader");
  const auto boss = logged_in("boss");
  HttpWire following = http();
  EXPECT_EQ(following.ask("GET", "/events/?follow", "", tokens_.header("reader")).status, 200);
  EXPECT_EQ(following.piece(), "\n");
  tokens_.revoke("reader");
  EXPECT_FALSE(reader->receive().has_value());
  EXPECT_FALSE(following.piece().has_value());
  const auto again = server_.connect();
  again->send(2, LogIn{tokens_.text("reader")});
  EXPECT_EQ(again->receive_as<ErrorReply>(2).code, ErrorCode::unauthorized);
  boss->send(3, ShowHead{});
  boss->receive_as<HeadReply>(3);

  tokens_.add("newcomer", {Scope::read});
  wait_for([&] {
    HttpWire wire = http();
    return wire.ask("GET", "/head/", "", tokens_.header("newcomer")).status == 200;
  });
}

TEST_F(AccessControl, ClosesConnectionsOfExpiredToken) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  tokens_.add("guest", {Scope::read}, UnixMillis((now + 1'500ms).count()));
  wait_for([&] {
    const auto wire = server_.connect();
    wire->send(2, LogIn{tokens_.text("guest")});
    return std::holds_alternative<LoggedIn>(wire->receive()->reply);
  });
  const auto guest = logged_in("guest");
  EXPECT_FALSE(guest->receive().has_value());
}

TEST(OpenLedger, AcceptsAnyToken) {
  const RunningServer server;
  const auto wire = server.connect();
  wire->send(2, LogIn{"anything"});
  const auto logged_in = wire->receive_as<LoggedIn>(2);
  EXPECT_EQ(logged_in.name, "");
  EXPECT_EQ(logged_in.scopes, kEveryScope);
}

TEST(OpenLedger, ClosesConnectionsWithoutTokenOnceOneExists) {
  TokensForTest tokens({});
  RunningServer server;
  const auto wire = server.connect();
  wire->send(2, ShowHead{});
  wire->receive_as<HeadReply>(2);
  tokens.add("boss", kEveryScope);
  std::filesystem::copy_file(tokens.path(), server.data() / "tokens.json");
  EXPECT_FALSE(wire->receive().has_value());
}

// ---- TLS --------------------------------------------------------------------------------------------------

class TlsPorts : public testing::Test {
 protected:
  [[nodiscard]] ServerOptions options() const {
    return {.tls = TlsServerOptions{.certificate = files_.certificate,
                                    .key = files_.key,
                                    .passphrase = {},
                                    .client_ca = {},
                                    .client_crl = {}},
            .tokens = tokens_.path()};
  }
  [[nodiscard]] std::unique_ptr<TlsStream> trusting(std::string_view protocol = kHttpProtocol,
                                                    std::string name = "127.0.0.1") const {
    const auto context = TlsContext::of_client(
        {.ca = authority_.certificate(), .certificate = {}, .key = {}, .name = std::move(name)}, protocol);
    EXPECT_TRUE(context.has_value()) << context.error();
    return (*context)->connect("127.0.0.1");
  }

  TemporaryDirectory directory_;
  const Authority authority_{directory_.path(), "authority"};
  const CertificateFiles files_ = authority_.issue("server", {"IP:127.0.0.1", "DNS:shop.example"});
  TokensForTest tokens_{{{"boss", kEveryScope}}};
};

TEST_F(TlsPorts, CloseConnectionsWithoutTls) {
  RunningServer server(options());
  const auto plain = server.connect_silently();
  plain->send(1, ClientHello{.client = "test"});
  EXPECT_FALSE(plain->receive().has_value());
  HttpWire web((*server).http_endpoint().port());
  web.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_FALSE(web.receive().has_value());
}

TEST_F(TlsPorts, AnswerRequestsAfterHandshake) {
  RunningServer server(options());
  HttpWire web((*server).http_endpoint().port());
  ASSERT_TRUE(web.secure(trusting()));
  EXPECT_EQ(web.ask("GET", "/head/").status, 401);
  EXPECT_EQ(web.ask("POST", "/product/", R"({"sku":"A","stock":3})", tokens_.header("boss")).status, 201);
  const std::string long_body = R"({"lines":[)" + std::string(100'000, ' ') + R"({"sku":"A"}]})";
  EXPECT_EQ(web.ask("POST", "/order/", long_body, tokens_.header("boss")).status, 201);
  HttpWire named((*server).http_endpoint().port());
  ASSERT_TRUE(named.secure(trusting(kHttpProtocol, "shop.example")));
  named.send("GET /assets/charts.js HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  EXPECT_EQ(named.receive()->status, 200) << "the certificate has that name";
  EXPECT_THAT(web.ask("GET", "/metrics", "", tokens_.header("boss")).body,
              HasSubstr("stockfold_tls_certificate_expiry_timestamp_seconds "));
}

TEST_F(TlsPorts, RefuseKeyThatDoesNotMatchCertificate) {
  EXPECT_TRUE(check_access(options()).has_value());
  ServerOptions wrong = options();
  wrong.tls->key = authority_.issue("another", {}).key;
  EXPECT_THAT(check_access(wrong).error(), HasSubstr("another.key: not the "));
}

TEST_F(TlsPorts, StreamFollowedEvents) {
  RunningServer server(options());
  HttpWire web((*server).http_endpoint().port());
  HttpWire reading((*server).http_endpoint().port());
  ASSERT_TRUE(web.secure(trusting()) && reading.secure(trusting()));
  EXPECT_EQ(reading.ask("GET", "/events/?follow", "", tokens_.header("boss")).status, 200);
  EXPECT_EQ(reading.piece(), "\n");
  for (int i = 0; i < 20; ++i) {
    const std::string sku = "A" + std::to_string(i);
    EXPECT_EQ(web.ask("POST", "/product/", R"({"sku":")" + sku + "\"}", tokens_.header("boss")).status, 201);
    EXPECT_THAT(reading.piece().value_or("closed"), HasSubstr("product/" + sku + "\""));
  }
}

TEST_F(TlsPorts, UseNewCertificateAfterReload) {
  RunningServer server(options());
  const auto meets = [&](std::uint16_t port, std::string_view protocol, const char* name) {
    return HttpWire(port).secure(trusting(protocol, name));
  };
  const std::uint16_t http = (*server).http_endpoint().port();
  const std::uint16_t tcp = (*server).endpoint().port();
  HttpWire open(http);
  ASSERT_TRUE(open.secure(trusting()));
  EXPECT_FALSE(meets(http, kHttpProtocol, "other.example"));
  (void)authority_.issue("server", {"DNS:other.example"});  // the same files
  ASSERT_EQ(::raise(SIGHUP), 0);
  for (int i = 0; i < 500 && !meets(http, kHttpProtocol, "other.example"); ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(meets(http, kHttpProtocol, "other.example"));
  EXPECT_TRUE(meets(tcp, kTcpProtocol, "other.example"));
  EXPECT_FALSE(meets(http, kHttpProtocol, "shop.example"));
  EXPECT_EQ(open.ask("GET", "/head/", "", tokens_.header("boss")).status, 200) << "who is connected stays";
}

TEST_F(TlsPorts, AcceptOnlyTheirOwnProtocol) {
  RunningServer server(options());
  HttpWire web((*server).http_endpoint().port());
  EXPECT_FALSE(web.secure(trusting(kTcpProtocol)));
  HttpWire wire((*server).endpoint().port());
  EXPECT_FALSE(wire.secure(trusting(kHttpProtocol)));
  HttpWire right((*server).endpoint().port());
  EXPECT_TRUE(right.secure(trusting(kTcpProtocol)));
}

TEST_F(TlsPorts, CloseHandshakesThatExceedTimeout) {
  ServerOptions impatient = options();
  impatient.session.hello = 200ms;
  impatient.http_timeout = 200ms;
  RunningServer server(impatient);
  std::string hello;
  trusting()->seal(hello);
  for (const std::uint16_t port : {(*server).endpoint().port(), (*server).http_endpoint().port()}) {
    HttpWire wire(port);
    bool over = false;
    for (std::size_t i = 0; i < hello.size() && !over; ++i) {  // a byte at a time, without end
      wire.send(hello.substr(i, 1));
      std::this_thread::sleep_for(20ms);
      over = i > 100;
    }
    EXPECT_TRUE(wire.is_over());
  }
}

}  // namespace
}  // namespace stockfold
