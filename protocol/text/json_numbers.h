// Whole numbers in JSON, however they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

/// The digits of a whole number that is written as JSON, such as 2, 2.0 or 2e0; empty if it is not whole, is
/// negative, or has more than twenty digits.
[[nodiscard]] std::string whole_digits(std::string_view number);

/// The same JSON, with numbers such as 2.0 and 2e0 written as 2; empty if it has none of these. It does not
/// use a double, which would change 9007199254740993.0 and 1.00000000000000000001 to other numbers.
[[nodiscard]] std::optional<std::string> with_whole_numbers(std::string_view json);

}  // namespace stockfold
