// What the domain promises of stored values beyond their coding. Bytes that decode to anything else were not
// written by this program, whatever their checksum says.
#pragma once

#include "core/event.h"
#include "core/state.h"

namespace stockfold {

[[nodiscard]] bool in_range(const Product& product);
[[nodiscard]] bool in_range(const Order& order);
[[nodiscard]] bool in_range(const RecordedEvent& recorded);

}  // namespace stockfold
