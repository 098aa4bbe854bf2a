// The address of a ledger, as options and settings name it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace stockfold {

/// "HOST:PORT" or "[V6]:PORT". The error names what is wrong.
std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_address(std::string_view text);

}  // namespace stockfold
