// Whole numbers in JSON, however they are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stockfold {

/// The digits of a whole number that a text of JSON's form stands for, such as 2, 2.0 or 2e0; empty where it
/// is none, is negative, or has more than twenty digits.
[[nodiscard]] std::string whole_digits(std::string_view number);

/// The same JSON, with numbers such as 2.0 and 2e0 written as 2; nothing where it has none of these. A double
/// would not do: that of 9007199254740993.0 is another number, and so is that of 1.00000000000000000001.
[[nodiscard]] std::optional<std::string> with_whole_numbers(std::string_view json);

}  // namespace stockfold
