// The token file, and a text that claims to be a token.
#include "server/access/token.h"

#include <boost/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/command.h"
#include "fuzz/formats.h"
#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "storage/codec/sha256.h"

namespace stockfold {
namespace {

constexpr UnixMillis kNow(1'800'000'000'000);
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Two tokens: `kSecret` is that of the first one, which does not expire.
std::vector<Token> two_tokens() {
  const Token shop{.id = "0123456789abcdef",
                   .name = "shop",
                   .scopes = {Scope::read},
                   .digest = sha256(kSecret),
                   .created = kNow,
                   .expires = {}};
  Token over = shop;
  over.id = "fedcba9876543210";
  over.expires = kNow;
  return {shop, over};
}

void hold_file(std::string_view text) {
  const auto tokens = decode_tokens(text);
  if (!tokens) return require(!tokens.error().empty(), "an error says what is wrong");
  std::set<std::string> ids;
  for (const Token& token : *tokens) {
    require(ids.insert(token.id).second, "no two tokens have one id");
    require(is_token_name(token.name) && token.name.size() <= kMaxActorBytes, "a name is an actor");
    require(!token.scopes.empty(), "a token lets its holder do something");
    require(token.created >= kEarliest && token.created <= kLatest, "a token is of a time");
  }
  const std::string written = encode_tokens(*tokens);
  const auto again = decode_tokens(written);
  require(again && *again == *tokens, "tokens that are written are read back");
  boost::system::error_code error;
  const auto json = boost::json::parse(text, error);
  require(!error && json == boost::json::parse(written),
          "what encode_tokens() never writes is no file of tokens");
}

/// Only this one text is accepted.
void hold_text(std::string_view text) {
  static const std::vector<Token> tokens = two_tokens();
  const auto found = find_token(tokens, text, kNow);
  const bool is_right = text == "stockfold_" + tokens[0].id + "_" + std::string(kSecret);
  require(found.has_value() == is_right, "nothing but a token lets in");
  require(is_right || !found.error().why.empty(), "the log is told why");
  require(is_right || found.error().why.find(kSecret) == std::string::npos, "and no secret");
  require(is_right || found.error().why.find_first_of("\r\n\x1b") == std::string::npos, "in one line");
}

}  // namespace

int fuzz_token(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  if ((input.byte() & 7U) == 0) {
    hold_text(input.rest());
  } else {
    hold_file(input.rest());
  }
  return 0;
}

}  // namespace stockfold
