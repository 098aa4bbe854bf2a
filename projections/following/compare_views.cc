#include "projections/following/compare_views.h"

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "storage/views/view_digest.h"

namespace stockfold {
namespace {

constexpr std::size_t kRowsAtOnce = 4'096;
constexpr std::size_t kPageBytes = 1U << 20;

/// Reads the rows of a snapshot one by one, a page at a time, and computes their digest.
class RowReader {
 public:
  RowReader(std::string_view view, const ViewSnapshot& snapshot)
      : snapshot_(snapshot), digester_(view, snapshot.checkpoint().version, snapshot.checkpoint().position) {}

  struct Row {
    std::string key;
    std::string value;
  };

  /// Null after the last row. Valid until the next call.
  Result<const Row*> next() {
    if (at_ == page_.size()) {
      if (auto read = read_page(); !read) return std::unexpected(std::move(read.error()));
      if (page_.empty()) return nullptr;
    }
    const Row& row = page_[at_++];
    digester_.add(row.key, row.value);
    ++rows_;
    return &row;
  }

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  /// Called once, after the last row.
  [[nodiscard]] ViewDigest digest() { return digester_.finish(); }

 private:
  Result<void> read_page() {
    page_.clear();
    at_ = 0;
    std::size_t bytes = 0;
    const auto scanned = snapshot_.scan(from_, [&](std::string_view key, std::string_view value) {
      page_.push_back({std::string(key), std::string(value)});
      bytes += key.size() + value.size();
      return page_.size() < kRowsAtOnce && bytes < kPageBytes;
    });
    if (!page_.empty()) from_ = page_.back().key + '\0';  // the least key that is greater
    return scanned;
  }

  const ViewSnapshot& snapshot_;
  ViewDigester digester_;
  std::vector<Row> page_;
  std::size_t at_ = 0;
  std::string from_;
  std::uint64_t rows_ = 0;
};

/// The difference at the lesser of two keys; nothing if the rows are the same.
std::optional<RowDifference> difference(const RowReader::Row* live, const RowReader::Row* rebuilt) {
  if (live != nullptr && rebuilt != nullptr && live->key == rebuilt->key) {
    if (live->value == rebuilt->value) return std::nullopt;
    return RowDifference{live->key, live->value, rebuilt->value};
  }
  if (rebuilt == nullptr || (live != nullptr && live->key < rebuilt->key))
    return RowDifference{live->key, live->value, std::nullopt};
  return RowDifference{rebuilt->key, std::nullopt, rebuilt->value};
}

}  // namespace

Result<Comparison> compare(std::string_view view, const ViewSnapshot& live, const ViewSnapshot& rebuilt,
                           const std::stop_token& stop) {
  assert(live.checkpoint().position == rebuilt.checkpoint().position);
  Comparison comparison;
  RowReader of_live(view, live);
  RowReader of_rebuilt(view, rebuilt);
  for (bool more = true; more;) {
    if (stop.stop_requested()) return std::unexpected(Fault{FaultKind::io, "the comparison was stopped", {}});
    auto left = of_live.next();
    if (!left) return std::unexpected(std::move(left.error()));
    auto right = of_rebuilt.next();
    if (!right) return std::unexpected(std::move(right.error()));
    // Past the first difference the rows are no longer read in parallel; they are read for the digests alone.
    more = *left != nullptr || *right != nullptr;
    if (more && !comparison.first) comparison.first = difference(*left, *right);
  }
  comparison.rows = of_rebuilt.rows();
  comparison.live = of_live.digest();
  comparison.rebuilt = of_rebuilt.digest();
  return comparison;
}

}  // namespace stockfold
