#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/all.h"
#include "projections/row_keys.h"
#include "projections/row_table.h"
#include "storage/codec/state_codec.h"

namespace stockfold {
namespace {

/// A row holds the receipts of a command id, one for each caller that used the id. A receipt without a caller
/// name applies to every caller, so it is the only one of its id: it is written without a read and replaces
/// the row. A receipt with a caller name is appended to those that the row already holds.
class ReceiptFold final : public Fold {
 public:
  explicit ReceiptFold(const View& view) : view_(view) {}

  Result<void> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
    for (const RecordedEvent& event : events) {
      if (!event.identity) continue;
      batch_.push_back(&event);
      if (!event.actor.empty()) {
        rows_.add(event.identity->id);
        continue;
      }
      encode(receipt_of(event), row_);
      rows.put(receipt_key(event.identity->id), row_);
    }
    return {};
  }

  Result<void> finish(RowChanges& rows) override {
    if (rows_.size() > 0) {
      if (auto read = read_rows(); !read) return read;
      for (const RecordedEvent* event : batch_) {
        std::string& row = rows_[rows_.add(event->identity->id).first].value;
        if (event->actor.empty()) row.clear();
        append(receipt_of(*event), row);
      }
      for (const auto& [id, row] : rows_.entries()) rows.put(receipt_key(id), row);
      rows_.clear();
    }
    batch_.clear();
    return {};
  }

 private:
  static Receipt receipt_of(const RecordedEvent& event) { return {event.identity->body, event.position}; }

  /// Reads what the view holds for the ids in rows_.
  Result<void> read_rows() {
    std::vector<std::string_view> keys;
    keys.reserve(rows_.size());
    for (const auto& [id, row] : rows_.entries()) keys.push_back(receipt_key(id));
    auto held = view_.get(keys);
    if (!held) return std::unexpected(std::move(held.error()));
    const GlobalPosition first = batch_.front()->position;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*held)[i]) continue;
      auto& [id, row] = rows_.entries()[i];
      row = std::move(*(*held)[i]);
      const auto receipts = decode_receipts(row);
      if (receipts && receipts->back().position < first) continue;
      return std::unexpected(
          corruption(first, "the receipts of command id " + to_uuid(id.bytes) + " are damaged"));
    }
    return {};
  }

  const View& view_;
  std::vector<const RecordedEvent*> batch_;  ///< The events of the batch that have a command id.
  RowTable<CommandId, std::string> rows_;    ///< Rows of the ids that named callers used.
  std::string row_;
};

class ReceiptProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "receipts"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] bool gates_commands() const override { return true; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& view) const override {
    return std::make_unique<ReceiptFold>(view);
  }
};

}  // namespace

const Projection& receipt_projection() {
  static const ReceiptProjection projection;
  return projection;
}

}  // namespace stockfold
