// Results of sieges, overload and faults, as tables or as JSON.
#pragma once

#include <string>
#include <string_view>

#include "hostile/faults.h"
#include "hostile/overload.h"
#include "hostile/siege.h"

namespace stockfold {

enum class Format : std::uint8_t { table, json };

/// The table's header; empty for JSON.
[[nodiscard]] std::string siege_header(Format format);
[[nodiscard]] std::string text_of(std::string_view name, const SiegeResult& result, Format format);
[[nodiscard]] std::string overload_header(Format format);
[[nodiscard]] std::string text_of(std::string_view name, const OverloadResult& result, Format format);
[[nodiscard]] std::string fault_header(Format format);
[[nodiscard]] std::string text_of(std::string_view name, const FaultResult& result, Format format);

}  // namespace stockfold
