// The scopes of a token: what its holder may do.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

enum class Scope : std::uint8_t {
  read,     ///< Products, orders, events, heads, metrics.
  command,  ///< Everything that changes stock or orders.
  admin,    ///< Rebuilds, and copies of the whole store.
};
inline constexpr std::array kAllScopes = {Scope::read, Scope::command, Scope::admin};
/// "read" and so on.
[[nodiscard]] std::string_view name_of(Scope scope);

/// A set of scopes. No scope includes another.
class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) add(scope);
  }
  constexpr void add(Scope scope) { bits_ |= 1U << static_cast<unsigned>(scope); }
  [[nodiscard]] constexpr bool holds(Scope scope) const {
    return (bits_ >> static_cast<unsigned>(scope) & 1U) == 1;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  /// The set as a number whose bit N stands for the scope N.
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
  /// The inverse; empty if a bit stands for no scope.
  [[nodiscard]] static constexpr std::optional<Scopes> of_bits(std::uint32_t bits) {
    if (bits >> kAllScopes.size() != 0) return std::nullopt;
    Scopes scopes;
    scopes.bits_ = bits;
    return scopes;
  }
  friend bool operator==(const Scopes&, const Scopes&) = default;

 private:
  std::uint32_t bits_ = 0;
};
inline constexpr Scopes kEveryScope = {Scope::read, Scope::command, Scope::admin};
/// "read, command".
[[nodiscard]] std::string text_of(const Scopes& scopes);
/// The inverse; blanks are optional. The error names the text that is no scope.
[[nodiscard]] std::expected<Scopes, std::string> parse_scopes(std::string_view text);

}  // namespace stockfold
