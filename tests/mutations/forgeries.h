// Deliberate damage: records that are rewritten through the database itself, with correct checksums.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mutations/campaign.h"

namespace stockfold {

/// Rows of the log, with their bytes unchanged: dropped, repeated, swapped, put at another position.
std::vector<Trial> forged_rows(std::size_t store, const std::string& store_name, std::size_t places);

/// Records of a write-ahead file, with correct checksums.
std::vector<Trial> forged_records(std::size_t store, const std::string& store_name, std::size_t places);

/// Commits with other events: first with correct checksums only, then with the whole chain computed again up
/// to the head, and then with the views deleted as well.
std::vector<Trial> forged_events(std::size_t store, const std::string& store_name, std::size_t places);

/// Rows and checkpoints of every view.
std::vector<Trial> forged_views(std::size_t store, const std::string& store_name, std::size_t places);

}  // namespace stockfold
