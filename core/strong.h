// A number with a meaning: values of different tags neither convert nor compare.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace stockfold {

/// A `Rep` that can be compared, incremented and hashed, but does not convert to another kind of number.
template <class Tag, class Rep>
class Strong {
 public:
  using rep = Rep;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }
  [[nodiscard]] constexpr Strong next() const { return Strong(value_ + 1); }
  [[nodiscard]] constexpr Strong plus(Rep count) const { return Strong(value_ + count); }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  Rep value_{};
};

}  // namespace stockfold

template <class Tag, class Rep>
struct std::hash<stockfold::Strong<Tag, Rep>> {
  std::size_t operator()(const stockfold::Strong<Tag, Rep>& strong) const noexcept {
    return std::hash<Rep>{}(strong.value());
  }
};
