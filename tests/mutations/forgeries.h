// Damage with a purpose: records that are rewritten through the database itself, with checksums that are
// right.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mutations/campaign.h"

namespace stockfold {

/// Rows of the log, as they lie there: dropped, repeated, swapped, put under another position.
std::vector<Trial> forged_rows(std::size_t store, const std::string& store_name, std::size_t places);

/// Records of a write-ahead file, with checksums that are right.
std::vector<Trial> forged_records(std::size_t store, const std::string& store_name, std::size_t places);

/// Commits with other events. Each with checksums that are right for it; then with the whole chain formed
/// anew up to the head; and then with the views thrown away as well.
std::vector<Trial> forged_events(std::size_t store, const std::string& store_name, std::size_t places);

/// Rows and checkpoints of every view.
std::vector<Trial> forged_views(std::size_t store, const std::string& store_name, std::size_t places);

}  // namespace stockfold
