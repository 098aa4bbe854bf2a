// Signed heads as people keep them: one JSON object on one line.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/signed_head.h"

namespace stockfold {

/// Without its line end.
[[nodiscard]] std::string json_of(const SignedHead& signed_head);
/// Reads what json_of() writes; further fields and white space are ignored. The error says what is wrong. It
/// does not check the signature.
[[nodiscard]] std::expected<SignedHead, std::string> parse_signed_head(std::string_view text);

}  // namespace stockfold
