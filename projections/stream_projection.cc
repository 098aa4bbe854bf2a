#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "projections/all.h"
#include "projections/row_keys.h"
#include "projections/row_table.h"
#include "storage/views/posting_block.h"

namespace stockfold {
namespace {

/// The last block of each product stays in memory from batch to batch, and is written at the end of each
/// batch. So rows depend on the versions alone, and not on where a batch ends.
class StreamFold final : public Fold {
 public:
  explicit StreamFold(const View& view) : view_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
    used_.clear();
    missing_.clear();
    for (const RecordedEvent& event : events) {
      for_each_product(event, [&](const Sku& sku, StreamVersion version) {
        const auto [number, added] = tails_.add(sku);
        if (added) {
          tails_[number].value.last = StreamVersion(version.value() - 1);
          if (!begins_block(version)) missing_.push_back(number);
        }
        used_.push_back(number);
      });
    }
    if (auto read = read_missing(events.front().position); !read) return read;

    auto used = used_.begin();
    for (const RecordedEvent& event : events) {
      Result<void> sound;
      for_each_product(event, [&](const Sku&, StreamVersion version) {
        const auto number = *used++;
        if (sound) sound = add(number, version, event.position, rows);
      });
      if (!sound) return sound;
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    for (const auto number : changed_) {
      auto& [sku, tail] = tails_[number];
      tail.changed = false;
      if (!tail.block.empty()) put(sku, tail, rows);
    }
    changed_.clear();
    if (tails_.size() > kHeldRows) tails_.clear();
    return {};
  }

 private:
  /// The end of a stream: its last block, empty if the next event begins one.
  struct Tail {
    StreamVersion last;
    GlobalPosition last_at;
    std::string block;
    bool changed = false;  ///< Changed in this batch.
  };
  using Tails = RowTable<Sku, Tail>;

  static bool begins_block(StreamVersion version) { return (version.value() - 1) % kBlockPositions == 0; }

  Result<void> add(Tails::Number number, StreamVersion version, GlobalPosition position, RowChanges& rows) {
    auto& [sku, tail] = tails_[number];
    if (version != tail.last.next()) {
      return std::unexpected(corruption(position, StreamId::of(sku).str() + ": expected version " +
                                                      std::to_string(tail.last.next().value()) + ", found " +
                                                      std::to_string(version.value())));
    }
    append_position(tail.block, tail.last_at, position);
    tail.last = version;
    tail.last_at = position;
    if (begins_block(version.next())) {
      put(sku, tail, rows);
      tail.block.clear();
    } else if (!tail.changed) {
      tail.changed = true;
      changed_.push_back(number);
    }
    return {};
  }

  void put(const Sku& sku, const Tail& tail, RowChanges& rows) {
    posting_key(sku.view(), block_of(tail.last), key_);
    rows.put(key_, tail.block);
  }

  /// Reads the blocks that the first events of a commit continue.
  Result<void> read_missing(GlobalPosition position) {
    if (missing_.empty()) return {};
    std::vector<std::string> keys(missing_.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& [sku, tail] = tails_[missing_[i]];
      posting_key(sku.view(), block_of(tail.last), keys[i]);
    }
    auto rows = view_.get(std::vector<std::string_view>(keys.begin(), keys.end()));
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto& [sku, tail] = tails_[missing_[i]];
      std::optional<std::string>& row = (*rows)[i];
      const auto positions = decode_positions(row ? *row : std::string());
      if (!positions || positions->size() != tail.last.value() % kBlockPositions) {
        return std::unexpected(
            corruption(position, StreamId::of(sku).str() + ": the positions up to version " +
                                     std::to_string(tail.last.value()) + " are missing or damaged"));
      }
      tail.last_at = positions->back();
      tail.block = std::move(*row);
    }
    return {};
  }

  const View& view_;
  Tails tails_;
  std::vector<Tails::Number> used_;     ///< One for each product of each event of the commit, in this order.
  std::vector<Tails::Number> missing_;  ///< Not in memory when the commit came.
  std::vector<Tails::Number> changed_;
  std::string key_;
};

class StreamProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "streams"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<StreamFold>(view);
  }
};

}  // namespace

const Projection& stream_projection() {
  static const StreamProjection projection;
  return projection;
}

}  // namespace stockfold
