// Who may ask the ledger, and what: tokens, of which the ledger keeps no more than it takes to know them
// again. The file is docs/SECURITY.md, "Tokens".
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

/// What is kept of a token.
struct Token {
  std::string id;    ///< Part of the token, and no secret: kIdBytes in hex.
  std::string name;  ///< The actor of every event that it is used for; others may have it as well.
  Scopes scopes;
  Sha256Digest digest{};  ///< Of the secret.
  UnixMillis created;
  std::optional<UnixMillis> expires;  ///< From then on it is none.
  friend bool operator==(const Token&, const Token&) = default;
};

/// 1 to kMaxActorBytes letters, digits and any of . _ @ -
[[nodiscard]] bool is_token_name(std::string_view text);

/// 16 digits of hex, as a token's id has. A name like that would be taken for one.
[[nodiscard]] bool is_token_id(std::string_view text);

/// A token as it is handed over, once: "stockfold_", its id, "_" and 32 random bytes, in hex. A secret that
/// nobody can guess needs no slow hash.
struct DrawnToken {
  Token token;
  std::string text;
};
[[nodiscard]] DrawnToken draw_token(std::string name, Scopes scopes, UnixMillis now,
                                    std::optional<UnixMillis> expires);

/// Why a text lets nobody in, in words for the ledger's log: the caller is told no more than that it does
/// not.
struct NoEntry {
  std::string why;
};

/// The one of `tokens` that `text` is, where that has not expired. How long it takes says nothing about
/// secrets.
[[nodiscard]] std::expected<const Token*, NoEntry> find_token(const std::vector<Token>& tokens,
                                                              std::string_view text, UnixMillis now);

/// As JSON, for people too.
[[nodiscard]] std::string encode_tokens(const std::vector<Token>& tokens);
/// The inverse. An id that is there twice is an error, and so is what encode_tokens() never writes.
[[nodiscard]] std::expected<std::vector<Token>, std::string> decode_tokens(std::string_view text);

}  // namespace stockfold
