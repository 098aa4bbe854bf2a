// What a campaign found, as a table or as JSON.
#pragma once

#include <span>
#include <string>

#include "mutations/campaign.h"

namespace stockfold {

/// Whether nothing was missed and nothing crashed.
[[nodiscard]] bool is_good(std::span<const Judgement> judgements);

/// A line for each kind of file or record and each kind of damage, and a line of sums; then every trial that
/// failed.
[[nodiscard]] std::string table_of(std::span<const Trial> trials, std::span<const Judgement> judgements);

/// The same, one object a line.
[[nodiscard]] std::string json_of(std::span<const Trial> trials, std::span<const Judgement> judgements);

}  // namespace stockfold
