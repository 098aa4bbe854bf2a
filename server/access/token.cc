#include "server/access/token.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "core/command.h"
#include "core/ids.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/time_text.h"

namespace stockfold {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "stockfold_";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMostTokens = 10'000;
constexpr std::uint64_t kFormat = 1;

template <std::size_t Size>
std::string draw_hex() {
  std::array<std::uint8_t, Size> bytes;
  draw_random(bytes);
  return to_hex(bytes);
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<Sha256Digest> parse_digest(std::string_view text) {
  Sha256Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto high = digit_of(text[2 * i]);
    const auto low = digit_of(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    digest[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return digest;
}

/// Compares in constant time.
bool same(const Sha256Digest& one, const Sha256Digest& other) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) difference |= static_cast<unsigned>(one[i] ^ other[i]);
  return difference == 0;
}

json::object json_of(const Token& token) {
  json::object object{{"id", token.id},
                      {"name", token.name},
                      {"scopes", text_of(token.scopes)},
                      {"sha256", to_hex(token.digest)},
                      {"created", rfc3339(token.created)}};
  if (token.expires) object["expires"] = rfc3339(*token.expires);
  return object;
}

/// Also checks the fields that are otherwise not read: a token whose "expires" is misspelled would never
/// expire.
void check_form(JsonFields& fields, const json::object& from, const Token& token) {
  const json::object written = json_of(token);
  for (const auto& [name, value] : from) {
    const json::value* expected = written.if_contains(name);
    if (expected == nullptr || *expected != value) fields.fail(from, name, "what the program writes");
  }
}

Token token_of(JsonFields& fields, const json::object& from) {
  Token token;
  token.id = fields.text(from, "id", 2 * kIdBytes);
  if (!is_token_id(token.id)) fields.fail(from, "id", "16 digits of hex");
  token.name = fields.text(from, "name", kMaxActorBytes);
  if (!is_token_name(token.name)) fields.fail(from, "name", "letters, digits and any of . _ @ -");
  token.scopes = fields.parsed(from, "scopes", "scopes", [](std::string_view text) -> std::optional<Scopes> {
    auto scopes = parse_scopes(text);
    if (!scopes) return std::nullopt;
    return *scopes;
  });
  token.digest = fields.parsed(from, "sha256", "64 digits of hex", parse_digest);
  token.created = fields.parsed(from, "created", "a time of RFC 3339", parse_rfc3339);
  if (!JsonFields::is_null(from, "expires")) {
    token.expires = fields.parsed(from, "expires", "a time of RFC 3339", parse_rfc3339);
  }
  if (fields.ok()) check_form(fields, from, token);
  return token;
}

bool repeats_an_id(const std::vector<Token>& tokens) {
  std::set<std::string_view> seen;
  return !std::ranges::all_of(tokens, [&](const Token& token) { return seen.insert(token.id).second; });
}

}  // namespace

bool is_token_name(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._@-").contains(c);
  };
  return !text.empty() && text.size() <= kMaxActorBytes && std::ranges::all_of(text, is_allowed);
}

bool is_token_id(std::string_view text) {
  return text.size() == 2 * kIdBytes &&
         std::ranges::all_of(text, [](char c) { return digit_of(c).has_value(); });
}

DrawnToken draw_token(std::string name, Scopes scopes, UnixMillis now, std::optional<UnixMillis> expires) {
  const std::string secret = draw_hex<kSecretBytes>();
  Token token{.id = draw_hex<kIdBytes>(),
              .name = std::move(name),
              .scopes = scopes,
              .digest = sha256(secret),
              .created = now,
              .expires = expires};
  std::string text = std::string(kPrefix) + token.id + '_' + secret;
  return {std::move(token), std::move(text)};
}

std::expected<const Token*, NoEntry> find_token(const std::vector<Token>& tokens, std::string_view text,
                                                UnixMillis now) {
  const std::size_t id_ends = kPrefix.size() + 2 * kIdBytes;
  if (!text.starts_with(kPrefix) || text.size() != id_ends + 1 + 2 * kSecretBytes || text[id_ends] != '_') {
    return std::unexpected(NoEntry{"what was sent is not a token"});
  }
  const std::string_view id = text.substr(kPrefix.size(), 2 * kIdBytes);
  if (!is_token_id(id)) return std::unexpected(NoEntry{"what was sent is not a token"});
  const Sha256Digest digest = sha256(text.substr(id_ends + 1));
  const auto found = std::ranges::find(tokens, id, &Token::id);
  if (found == tokens.end()) return std::unexpected(NoEntry{"there is no token " + std::string(id)});
  if (!same(found->digest, digest)) {
    return std::unexpected(NoEntry{"token " + std::string(id) + " was sent with another secret"});
  }
  if (found->expires && *found->expires <= now) {
    return std::unexpected(NoEntry{"token " + std::string(id) + " of " + found->name + " has expired"});
  }
  return &*found;
}

std::string encode_tokens(const std::vector<Token>& tokens) {
  std::string text = "{\"format\":" + std::to_string(kFormat) + ",\"tokens\":[";
  std::string_view before = "\n ";
  for (const Token& token : tokens) {
    text.append(std::exchange(before, ",\n ")).append(json::serialize(json_of(token)));
  }
  return text + "\n]}\n";
}

std::expected<std::vector<Token>, std::string> decode_tokens(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return std::unexpected("not JSON: " + error.message());
  if (!value.is_object() || repeats_a_field(text, value)) {
    return std::unexpected(std::string("not one JSON object with each of its fields once"));
  }
  JsonFields fields(JsonFields::Found::hidden);  // a misplaced value may be a secret
  const json::object& object = value.get_object();
  const std::uint64_t format = fields.number(object, "format", 1, UINT64_MAX);
  if (fields.ok() && format != kFormat) return std::unexpected(std::string("written by a later version"));
  auto tokens = fields.list(object, "tokens", kMostTokens,
                            [&fields](const json::object& from) { return token_of(fields, from); });
  if (!fields.ok()) return std::unexpected(fields.error());
  if (object.size() != 2) return std::unexpected(std::string("it has fields other than format and tokens"));
  if (repeats_an_id(tokens)) return std::unexpected(std::string("two tokens have the same id"));
  return tokens;
}

}  // namespace stockfold
