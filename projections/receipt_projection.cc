#include "projections/all.h"
#include "projections/row_keys.h"
#include "storage/state_codec.h"

namespace stockfold {
namespace {

class ReceiptProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "receipts"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }

  std::expected<void, Fault> apply(const RecordedEvent& event, ViewBatch& batch) const override {
    if (event.identity) {
      batch.put(receipt_key(event.identity->id), encode(Receipt{event.identity->body, event.position}));
    }
    return {};
  }
};

}  // namespace

const Projection& receipt_projection() {
  static const ReceiptProjection projection;
  return projection;
}

}  // namespace stockfold
