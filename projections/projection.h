// What a projection is: a name, a version, and how one event changes its rows.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "core/event.h"
#include "core/fault.h"
#include "projections/view_batch.h"

namespace stockfold {

/// Stateless: all that it knows is in its rows. To add one: a file beside the others, a line in
/// all_projections().
class Projection {
 public:
  virtual ~Projection() = default;
  /// Also the name of its view; never reused for other rows.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Raised when the rows change their meaning or form: the view is then built anew from the log.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  /// Folds one event in. Events come in order of position, each once. A fault says that the event cannot have
  /// happened or that a row is damaged; `batch` is then thrown away.
  virtual std::expected<void, Fault> apply(const RecordedEvent& event, ViewBatch& batch) const = 0;
};

}  // namespace stockfold
