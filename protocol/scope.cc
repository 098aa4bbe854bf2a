#include "protocol/scope.h"

#include <algorithm>
#include <ranges>

namespace stockfold {

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::read:
      return "read";
    case Scope::command:
      return "command";
    case Scope::admin:
      return "admin";
  }
  return "?";
}

std::string text_of(const Scopes& scopes) {
  std::string text;
  for (const Scope scope : kAllScopes) {
    if (!scopes.holds(scope)) continue;
    if (!text.empty()) text += ", ";
    text += name_of(scope);
  }
  return text;
}

std::expected<Scopes, std::string> parse_scopes(std::string_view text) {
  Scopes scopes;
  if (text.empty()) return std::unexpected(std::string("there is none of read, command and admin"));
  for (const auto part : text | std::views::split(',')) {
    std::string_view word(part.begin(), part.end());
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    const auto* const scope = std::ranges::find(kAllScopes, word, [](Scope one) { return name_of(one); });
    if (scope == kAllScopes.end()) {
      return std::unexpected('"' + std::string(word) + "\" is none of read, command and admin");
    }
    scopes.add(*scope);
  }
  return scopes;
}

}  // namespace stockfold
