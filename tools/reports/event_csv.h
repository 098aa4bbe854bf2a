// Events as rows for spreadsheets.
#pragma once

#include <string>

#include "core/event.h"

namespace stockfold {

/// The names of the columns, as one record.
[[nodiscard]] std::string event_csv_header();
/// One record for an event without lines of an order, otherwise one for each of its lines.
[[nodiscard]] std::string csv_of(const RecordedEvent& event);

}  // namespace stockfold
