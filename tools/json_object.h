// The shapes of `--json` as objects, for what is built on them.
#pragma once

#include <boost/json/object.hpp>

#include "core/event.h"

namespace stockfold {

/// What json_of() writes of an event.
[[nodiscard]] boost::json::object event_object(const RecordedEvent& event);

}  // namespace stockfold
