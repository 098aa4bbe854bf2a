#include "projections/all.h"
#include "projections/row_keys.h"
#include "storage/big_endian.h"

namespace stockfold {
namespace {

class StreamProjection final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "streams"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }

  std::expected<void, Fault> apply(const RecordedEvent& event, ViewBatch& batch) const override {
    std::string position;
    append_big_endian(position, event.position.value());
    for (const auto& [stream, version] : streams_of(event)) {
      batch.put(stream_key(stream_prefix(stream), version), position);
    }
    return {};
  }
};

}  // namespace

const Projection& stream_projection() {
  static const StreamProjection projection;
  return projection;
}

}  // namespace stockfold
