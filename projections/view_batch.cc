#include "projections/view_batch.h"

#include <utility>

namespace stockfold {

std::expected<std::optional<std::string>, Fault> ViewBatch::get(std::string_view key) const {
  const auto changed = changes_.find(key);
  if (changed != changes_.end()) return changed->second;
  return view_.get(key);
}

void ViewBatch::put(std::string_view key, std::string value) {
  changes_.insert_or_assign(std::string(key), std::move(value));
}

void ViewBatch::erase(std::string_view key) { changes_.insert_or_assign(std::string(key), std::nullopt); }

}  // namespace stockfold
