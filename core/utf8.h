// Whether bytes are UTF-8.
#pragma once

#include <string_view>

namespace stockfold {

/// Accepts shortest forms only, no surrogates, and nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace stockfold
