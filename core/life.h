// The name of one life of a log.
#pragma once

#include <string>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// Digits of the ledger's id in the name: enough to distinguish the ledgers of one company.
inline constexpr std::size_t kLifeIdDigits = 8;

/// The name that stands next to positions and versions: the first digits of the ledger's id, and the epoch.
[[nodiscard]] std::string life_of(const LedgerId& ledger, Epoch epoch);

}  // namespace stockfold
