// The changes of a stretch of events to one view: a row that changes many times is written once.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/fault.h"
#include "storage/view_store.h"

namespace stockfold {

/// Reads see what the batch has written, then the view. One thread; the view must outlive it.
class ViewBatch {
 public:
  explicit ViewBatch(const View& view) : view_(view) {}

  [[nodiscard]] std::expected<std::optional<std::string>, Fault> get(std::string_view key) const;
  void put(std::string_view key, std::string value);
  void erase(std::string_view key);

  [[nodiscard]] const RowChanges& changes() const { return changes_; }

 private:
  const View& view_;
  RowChanges changes_;
};

}  // namespace stockfold
