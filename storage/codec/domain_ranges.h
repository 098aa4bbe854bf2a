// What the domain guarantees about stored values beyond their encoding. Bytes that decode to anything else
// were not written by this program, even if their checksum is right.
#pragma once

#include "core/event.h"
#include "core/state.h"

namespace stockfold {

[[nodiscard]] bool in_range(const Product& product);
[[nodiscard]] bool in_range(const Order& order);
[[nodiscard]] bool in_range(const RecordedEvent& recorded);

}  // namespace stockfold
