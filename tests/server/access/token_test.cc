#include "server/access/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/access/access.h"
#include "server/access/token_file.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr UnixMillis kNow(1'000'000);

DrawnToken draw(std::string name = "shop", Scopes scopes = {Scope::read},
                std::optional<UnixMillis> expires = std::nullopt) {
  return draw_token(std::move(name), scopes, kNow, expires);
}

TEST(Token, IsFoundWithoutItsSecretBeingStored) {
  const DrawnToken drawn = draw();
  const std::vector<Token> tokens = {draw("other").token, drawn.token};
  const auto found = find_token(tokens, drawn.text, kNow);
  ASSERT_TRUE(found.has_value()) << found.error().why;
  EXPECT_EQ(**found, drawn.token);
  const std::string secret = drawn.text.substr(drawn.text.rfind('_') + 1);
  EXPECT_EQ(secret.size(), 64U);
  EXPECT_THAT(encode_tokens(tokens), Not(HasSubstr(secret)));
}

TEST(Token, IsRefusedWithAnyCharacterChanged) {
  const DrawnToken drawn = draw();
  for (std::size_t i = 0; i < drawn.text.size(); ++i) {
    std::string changed = drawn.text;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(find_token({drawn.token}, changed, kNow).has_value()) << i;
    EXPECT_FALSE(find_token({drawn.token}, drawn.text.substr(0, i), kNow).has_value()) << i;
  }
  EXPECT_FALSE(find_token({drawn.token}, drawn.text + "0", kNow).has_value());
  EXPECT_FALSE(find_token({}, drawn.text, kNow).has_value());
}

TEST(Token, IsRefusedOnceExpired) {
  const DrawnToken drawn = draw("shop", {Scope::read}, UnixMillis(kNow.value() + 1));
  EXPECT_TRUE(find_token({drawn.token}, drawn.text, kNow).has_value());
  const auto later = find_token({drawn.token}, drawn.text, UnixMillis(kNow.value() + 1));
  ASSERT_FALSE(later.has_value());
  EXPECT_THAT(later.error().why, HasSubstr("of shop has expired"));
  EXPECT_THAT(later.error().why, Not(HasSubstr(drawn.text.substr(30))));
}

TEST(Tokens, AreReadAsWritten) {
  const std::vector<Token> tokens = {draw("a", kEveryScope).token, draw("b", {}, UnixMillis(5'000'000)).token,
                                     draw("a", {Scope::admin}).token};
  std::vector<Token> some = tokens;
  some[1].scopes = {Scope::command};
  const auto read = decode_tokens(encode_tokens(some));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(*read, some);
}

TEST(Tokens, AreNotReadFromInvalidFile) {
  const Token token = draw().token;
  const std::string good = encode_tokens({token});
  const auto with = [&good](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, std::string> bad[] = {
      {"", "not JSON"},
      {"[]", "one JSON object"},
      {with("\"format\":1", "\"format\":2"), "later version"},
      {with("\"format\":1", "\"format\":1,\"format\":1"), "each of its fields once"},
      {with("shop", "sh op"), "name"},
      {with("shop", ""), "name"},
      {with("\"read\"", "\"write\""), "scopes"},
      {with("\"read\"", "\"\""), "scopes"},
      {with(token.id, "abc"), "id"},
      {with("created\":\"19", "created\":\"x"), "created"},
      {with("Z\"", "+00:00\""), "created"},
      {with("\"created\"", "\"expire\":\"2026-01-02T03:04:05.678Z\",\"created\""), "field expire: "},
      {with("\"created\"", "\"expires\":null,\"created\""), "field expires: "},
      {with("\"tokens\"", "\"token\":[],\"tokens\""), "fields other than format and tokens"},
      {encode_tokens({token, token}), "same id"},
  };
  for (const auto& [text, what] : bad) {
    const auto read = decode_tokens(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_THAT(read.error(), HasSubstr(what)) << text;
  }
}

/// The fault in a file is logged, and it may be a secret that was pasted into the wrong place.
TEST(Tokens, AreNotRevealedByErrorsInTheirFile) {
  std::string text = encode_tokens({draw().token});
  for (const char* field : {"\"id\":\"", "\"name\":\"", "\"scopes\":\"", "\"sha256\":\""}) {
    std::string wrong = text;
    wrong.insert(wrong.find(field) + std::string(field).size(), "hunter2!");
    const auto read = decode_tokens(wrong);
    ASSERT_FALSE(read.has_value()) << wrong;
    EXPECT_THAT(read.error(), Not(HasSubstr("hunter2"))) << field;
  }
}

TEST(Tokens, HaveIdsOfSixteenHexDigits) {
  EXPECT_TRUE(is_token_id("0123456789abcdef"));
  EXPECT_TRUE(is_token_id(draw().token.id));
  for (const char* name : {"0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "shop"}) {
    EXPECT_FALSE(is_token_id(name)) << name;
  }
}

RC_GTEST_PROP(Tokens, SurviveArbitraryText, (const std::string& text)) {
  (void)decode_tokens(text);
  std::string changed = encode_tokens({draw().token});
  const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
  changed.replace(at, std::min<std::size_t>(text.size(), 4), text.substr(0, 4));
  (void)decode_tokens(changed);
}

TEST(TokenFile, IsRefusedWhenOthersMayUseIt) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "tokens.json";
  const auto none = read_token_file(path);
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(stamp_of(path), FileStamp());
  std::ofstream(path) << encode_tokens({draw().token});
  using std::filesystem::perms;
  for (const perms others : {perms::group_write, perms::group_read | perms::group_write, perms::others_read,
                             perms::others_write}) {
    std::filesystem::permissions(path, perms::owner_read | others);
    const auto read = read_token_file(path);
    ASSERT_FALSE(read.has_value());
    EXPECT_THAT(read.error(), HasSubstr("chmod 600"));
  }
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
  const auto read = read_token_file(path);
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ((*read)->size(), 1U);
  EXPECT_NE(stamp_of(path), FileStamp());
}

TEST(TokenFile, IsRefusedWhenItIsAPipe) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "tokens.json";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(read_token_file(path).error(), HasSubstr("not a file of tokens"));
}

TEST(Scopes, AreReadAsWritten) {
  EXPECT_EQ(parse_scopes("read,admin").value(), (Scopes{Scope::read, Scope::admin}));
  EXPECT_EQ(parse_scopes(text_of(kEveryScope)).value(), kEveryScope);
  for (const char* text : {"", "read,", ",read", "read write", "READ"}) {
    EXPECT_FALSE(parse_scopes(text).has_value()) << text;
  }
  EXPECT_EQ(Scopes::of_bits(kEveryScope.bits()), kEveryScope);
  EXPECT_FALSE(Scopes::of_bits(8).has_value());
}

// ---- tokens in force --------------------------------------------------------------------------------------

TEST(Access, IsOpenWithoutTokens) {
  Access access([] { return kNow; });
  EXPECT_FALSE(access.needs_token());
  EXPECT_EQ(access.identify("anything").value().scopes, kEveryScope);
}

TEST(Access, EndsForOpenCallersAndRemovedTokens) {
  Access access([] { return kNow; });
  const Caller anybody = access.identify("").value();
  const std::uint64_t free = access.revision();
  const DrawnToken one = draw("one");
  const DrawnToken two = draw("two");
  access.require({one.token, two.token});
  EXPECT_NE(access.revision(), free);
  EXPECT_FALSE(access.holds(anybody));
  const Caller first = access.identify(one.text).value();
  const Caller second = access.identify(two.text).value();
  EXPECT_TRUE(access.holds(first));

  const std::uint64_t before = access.revision();
  Token less = two.token;
  less.scopes = {Scope::command};
  access.require({less});
  EXPECT_NE(access.revision(), before);
  EXPECT_FALSE(access.holds(first));
  EXPECT_FALSE(access.holds(second)) << "its scopes are not what they were";
  EXPECT_FALSE(access.identify(one.text).has_value());
  access.require({});
  EXPECT_TRUE(access.needs_token()) << "without any token left, no client is let in";
}

TEST(Access, ChangesRevisionOnceATokenExpires) {
  UnixMillis now = kNow;
  Access access([&now] { return now; });
  const DrawnToken first = draw("first", {Scope::read}, UnixMillis(kNow.value() + 10));
  const DrawnToken second = draw("second", {Scope::read}, UnixMillis(kNow.value() + 20));
  access.require({first.token, second.token, draw("third").token});
  const Caller caller = access.identify(first.text).value();
  const std::uint64_t before = access.revision();
  now = UnixMillis(kNow.value() + 9);
  EXPECT_EQ(access.revision(), before);
  EXPECT_TRUE(access.holds(caller));
  now = UnixMillis(kNow.value() + 10);
  const std::uint64_t after = access.revision();
  EXPECT_NE(after, before);
  EXPECT_EQ(access.revision(), after);
  EXPECT_FALSE(access.holds(caller));
  now = UnixMillis(kNow.value() + 20);
  EXPECT_NE(access.revision(), after);
}

/// Every request of the protocol, by its index in the variant.
TEST(Requests, RequireTheirExpectedScope) {
  constexpr std::optional<Scope> none;
  constexpr std::array<std::optional<Scope>, std::variant_size_v<Request>> expected = {
      none,            // ClientHello
      Scope::command,  // CommandRequest
      Scope::read,     // ShowProduct
      Scope::read,     // ShowOrder
      Scope::read,     // ListProducts
      Scope::read,     // ListOrders
      Scope::read,     // ReadEvents
      Scope::read,     // FollowEvents
      Scope::read,     // ShowHead
      Scope::read,     // At
      Scope::read,     // FindPosition
      Scope::read,     // ReadCommits
      Scope::admin,    // Rebuild
      Scope::read,     // SignHead
      Scope::read,     // ReadMovements
      Scope::admin,    // MakeCheckpoint
      Scope::read,     // FollowTypes
      none,            // LogIn
      Scope::read,     // ReadZoneMovements
      Scope::read,     // ShowOrderHistory
      Scope::command,  // CommandBatch
  };
  const auto check = [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto one = [&](const Request& request) {
      EXPECT_EQ(scope_of(request), expected[request.index()]) << request.index();
    };
    (one(Request(std::in_place_index<I>, std::variant_alternative_t<I, Request>{})), ...);
  };
  check(std::make_index_sequence<std::variant_size_v<Request>>());
}

TEST(CommandActor, IsTakenFromToken) {
  const Caller shop{.token_id = "1", .name = "shop", .scopes = {Scope::command}};
  Command command{.body = RetireProduct{*Sku::parse("A")}};
  EXPECT_FALSE(authorise(command, shop).has_value());
  EXPECT_EQ(command.actor, "shop");
  EXPECT_FALSE(authorise(command, shop).has_value()) << "to say the truth is no harm";
  command.actor = "boss";
  const auto refused = authorise(command, shop);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, ErrorCode::forbidden);
  EXPECT_EQ(command.actor, "boss");
  const auto lacking =
      authorise(command, {.token_id = "2", .name = "boss", .scopes = {Scope::read, Scope::admin}});
  ASSERT_TRUE(lacking.has_value());
  EXPECT_EQ(lacking->detail, "the token of boss does not have the scope command");
  EXPECT_FALSE(authorise(command, {.token_id = {}, .name = {}, .scopes = kEveryScope}).has_value());
  EXPECT_EQ(command.actor, "boss") << "without tokens, callers name themselves";
}

TEST(FailedLogIns, AreDelayedProgressivelyByAddress) {
  using std::chrono::milliseconds;
  FailedLogIns failed;
  const auto now = FailedLogIns::Clock::now();
  EXPECT_EQ(failed.count("a", now), milliseconds(100));
  EXPECT_EQ(failed.count("a", now), milliseconds(200));
  EXPECT_EQ(failed.count("b", now), milliseconds(100));
  for (int i = 0; i < 100; ++i) EXPECT_LE(failed.count("a", now), FailedLogIns::kLongest);
  EXPECT_EQ(failed.count("a", now), FailedLogIns::kLongest);
  EXPECT_EQ(failed.count("a", now + FailedLogIns::kForgotten + milliseconds(1)), milliseconds(100));
}

TEST(FailedLogIns, CountOneIpv6NetworkAsOneAddress) {
  using std::chrono::milliseconds;
  FailedLogIns failed;
  const auto now = FailedLogIns::Clock::now();
  EXPECT_EQ(failed.count("2001:db8:1:2::1", now), milliseconds(100));
  EXPECT_EQ(failed.count("2001:db8:1:2:ffff::9", now), milliseconds(200));
  EXPECT_EQ(failed.count("2001:db8:1:3::1", now), milliseconds(100)) << "another network";
  EXPECT_EQ(failed.count("::ffff:10.0.0.1", now), milliseconds(100));
  EXPECT_EQ(failed.count("::ffff:10.0.0.2", now), milliseconds(100)) << "each is an address of IPv4";
  EXPECT_EQ(failed.count("10.0.0.1", now), milliseconds(200));
}

TEST(FailedLogIns, RememberBoundedNumberOfAddresses) {
  FailedLogIns failed;
  const auto now = FailedLogIns::Clock::now();
  failed.count("first", now);
  for (std::size_t i = 0; i < FailedLogIns::kMostAddresses; ++i) failed.count(std::to_string(i), now);
  EXPECT_EQ(failed.count("first", now), FailedLogIns::kFirst) << "it was forgotten";
  EXPECT_EQ(failed.count("4000", now), 2 * FailedLogIns::kFirst);
}

}  // namespace
}  // namespace stockfold
