#include <string>

#include "projections/all.h"
#include "projections/row_keys.h"
#include "storage/state_codec.h"

namespace stockfold {
namespace {

/// An id has one outcome, so a row is written once and never read here.
class ReceiptFold final : public Fold {
 public:
  std::expected<void, Fault> apply(std::span<const RecordedEvent> events, RowChanges& rows) override {
    for (const RecordedEvent& event : events) {
      if (!event.identity) continue;
      encode(Receipt{event.identity->body, event.position}, row_);
      rows.put(receipt_key(event.identity->id), row_);
    }
    return {};
  }

 private:
  std::string row_;
};

class ReceiptProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "receipts"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] bool gates_commands() const override { return true; }
  [[nodiscard]] std::unique_ptr<Fold> fold(const View& /*view*/) const override {
    return std::make_unique<ReceiptFold>();
  }
};

}  // namespace

const Projection& receipt_projection() {
  static const ReceiptProjection projection;
  return projection;
}

}  // namespace stockfold
