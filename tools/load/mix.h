// The actions of a load, and their shares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace stockfold {

enum class Action : std::uint8_t { place, abort, fulfil, receive, show };
inline constexpr std::size_t kActions = 5;
/// "place", "abort" …
[[nodiscard]] std::string_view name_of(Action action);

/// A value for each action, by its number.
template <class T>
using ByAction = std::array<T, kActions>;

/// The shares of the actions: they need not add up to 100.
struct Mix {
  ByAction<std::uint32_t> weights{};

  [[nodiscard]] std::uint32_t weight(Action action) const {
    return weights[static_cast<std::size_t>(action)];
  }
  [[nodiscard]] std::uint32_t total() const;
  /// The action that a number below total() stands for.
  [[nodiscard]] Action at(std::uint32_t number) const;

  friend bool operator==(const Mix&, const Mix&) = default;
};

/// "place=45,abort=45,fulfil=5,receive=3,show=2"; a name alone is a weight of 1. The error says what is wrong
/// with it.
[[nodiscard]] std::expected<Mix, std::string> parse_mix(std::string_view text);
[[nodiscard]] std::string text_of(const Mix& mix);

/// The number of lines of an order.
struct LineRange {
  std::uint32_t least = 1;
  std::uint32_t most = 1;
  friend bool operator==(const LineRange&, const LineRange&) = default;
};
/// "3" or "1-10".
[[nodiscard]] std::expected<LineRange, std::string> parse_line_range(std::string_view text);

/// What a show reads.
enum class Shown : std::uint8_t { product, order, both };
[[nodiscard]] std::expected<Shown, std::string> parse_shown(std::string_view text);

}  // namespace stockfold
