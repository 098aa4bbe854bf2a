// The numbers of a variant's alternatives. Each type has its number written down, so that the order of the
// variant does not matter.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <variant>

namespace stockfold {

/// The number that is written down in `T`: that of a message, of a kind of command or of a type of event.
template <class T>
consteval std::uint64_t number_of() {
  if constexpr (requires { T::kKind; }) {
    return static_cast<std::uint64_t>(T::kKind);
  } else if constexpr (requires { T::kType; }) {
    return static_cast<std::uint64_t>(T::kType);
  } else {
    return T::kNumber;
  }
}

/// The numbers of the alternatives, ascending.
template <class Variant>
struct VariantNumbers;
template <class... Alternatives>
struct VariantNumbers<std::variant<Alternatives...>> {
  static constexpr auto kSorted = [] {
    std::array<std::uint64_t, sizeof...(Alternatives)> numbers{number_of<Alternatives>()...};
    std::ranges::sort(numbers);
    return numbers;
  }();
};

template <class Variant>
consteval std::uint64_t greatest_number() {
  return VariantNumbers<Variant>::kSorted.back();
}

/// Whether no two alternatives have the same number, and none has 0.
template <class Variant>
inline constexpr bool kHasDistinctNumbers =
    VariantNumbers<Variant>::kSorted.front() > 0 &&
    std::ranges::adjacent_find(VariantNumbers<Variant>::kSorted) == VariantNumbers<Variant>::kSorted.end();

}  // namespace stockfold
