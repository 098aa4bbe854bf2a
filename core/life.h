// A life of a log, by its name.
#pragma once

#include <string>

#include "core/ids.h"
#include "core/numbers.h"

namespace stockfold {

/// Of the ledger's id: enough that two ledgers of one house are told apart.
inline constexpr std::size_t kLifeIdDigits = 8;

/// As it stands beside positions and versions: how the ledger's id begins, and the epoch, "3f2a91c0.2".
[[nodiscard]] std::string life_of(const LedgerId& ledger, Epoch epoch);

}  // namespace stockfold
