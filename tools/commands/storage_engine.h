// The engine that the program keeps its stores in.
#pragma once

#include "storage/engine/engine.h"

namespace stockfold {

/// The one choice of an engine. Subcommands that open a store pass it on.
[[nodiscard]] const StorageEngine& storage_engine();

}  // namespace stockfold
