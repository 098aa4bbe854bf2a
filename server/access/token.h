// Tokens: who may ask the ledger for what. The ledger keeps of a token only what it needs to recognize it.
// The file is described in docs/SECURITY.md, "Tokens".
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/numbers.h"
#include "protocol/scope.h"
#include "storage/codec/sha256.h"

namespace stockfold {

/// What the ledger keeps of a token.
struct Token {
  std::string id;    ///< Part of the token, not secret: kIdBytes in hex.
  std::string name;  ///< The actor of every event made with this token; other tokens may have the same name.
  Scopes scopes;
  Sha256Digest digest{};  ///< Of the secret.
  UnixMillis created;
  std::optional<UnixMillis> expires;  ///< From then on the token is invalid.
  friend bool operator==(const Token&, const Token&) = default;
};

/// 1 to kMaxActorBytes letters, digits and any of . _ @ -
[[nodiscard]] bool is_token_name(std::string_view text);

/// 16 hex digits, as in a token's id. A name of that form could be taken for an id.
[[nodiscard]] bool is_token_id(std::string_view text);

/// A token as it is handed over, once: "stockfold_", its id, "_" and 32 random bytes, in hex. A random secret
/// of that length needs no slow hash.
struct DrawnToken {
  Token token;
  std::string text;
};
[[nodiscard]] DrawnToken draw_token(std::string name, Scopes scopes, UnixMillis now,
                                    std::optional<UnixMillis> expires);

/// Why a text is rejected as a token, in words for the ledger's log. The caller is not told the reason.
struct NoEntry {
  std::string why;
};

/// The one of `tokens` that `text` is, unless it has expired. The time that it takes reveals nothing about
/// secrets.
[[nodiscard]] std::expected<const Token*, NoEntry> find_token(const std::vector<Token>& tokens,
                                                              std::string_view text, UnixMillis now);

/// JSON, also meant to be read by people.
[[nodiscard]] std::string encode_tokens(const std::vector<Token>& tokens);
/// The inverse. An id that occurs twice is an error, and so is anything that encode_tokens() never writes.
[[nodiscard]] std::expected<std::vector<Token>, std::string> decode_tokens(std::string_view text);

}  // namespace stockfold
