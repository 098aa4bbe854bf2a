// A test's own tokens, in a file.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/access/token.h"
#include "support/temporary_directory.h"

namespace stockfold {

class TokensForTest {
 public:
  explicit TokensForTest(const std::vector<std::pair<std::string, Scopes>>& callers) {
    for (const auto& [name, scopes] : callers) add(name, scopes);
  }

  void add(const std::string& name, Scopes scopes, std::optional<UnixMillis> expires = std::nullopt) {
    DrawnToken drawn = draw_token(name, scopes, UnixMillis(0), expires);
    texts_[name] = drawn.text;
    tokens_.push_back(std::move(drawn.token));
    write();
  }
  void revoke(const std::string& name) {
    std::erase_if(tokens_, [&](const Token& token) { return token.name == name; });
    write();
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "tokens.json"; }
  [[nodiscard]] const std::string& text(const std::string& name) const { return texts_.at(name); }
  /// The header line of an HTTP request.
  [[nodiscard]] std::string header(const std::string& name) const {
    return "Authorization: Bearer " + text(name) + "\r\n";
  }

 private:
  /// Replaces the file as a whole, because a ledger may be reading it.
  void write() const {
    const std::filesystem::path part = directory_.path() / "part";
    std::ofstream(part) << encode_tokens(tokens_);
    using std::filesystem::perms;
    std::filesystem::permissions(part, perms::owner_read | perms::owner_write);
    std::filesystem::rename(part, path());
  }

  TemporaryDirectory directory_;
  std::vector<Token> tokens_;
  std::map<std::string, std::string> texts_;
};

}  // namespace stockfold
