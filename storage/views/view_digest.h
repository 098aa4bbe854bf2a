// One hash of all rows of a view. It does not depend on how the view was built. The format is
// docs/DATA_FORMAT.md, "Digests of views".
#pragma once

#include <cstdint>
#include <string_view>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "storage/codec/sha256.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// Computes a digest row by row. One thread.
class ViewDigester {
 public:
  /// Begins the digest of the view of this name, folded up to `position` by this version of its projection.
  ViewDigester(std::string_view view, std::uint32_t version, GlobalPosition position);

  /// Adds the next row. Keys ascend.
  void add(std::string_view key, std::string_view value);
  /// Once, after the last row.
  [[nodiscard]] ViewDigest finish();

 private:
  Sha256 hash_;
};

/// The digest of a view at one instant. Reads every row and keeps none in memory.
Result<ViewDigest> digest_of(std::string_view view, const ViewSnapshot& snapshot);

}  // namespace stockfold
