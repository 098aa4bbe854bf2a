// How the engine is at a moment, for the metrics.
#pragma once

#include "server/engine/engine.h"
#include "server/metrics/metrics_text.h"

namespace stockfold {

/// The readings that are about the engine; the others keep their defaults. `options`: those it was made with.
[[nodiscard]] Readings readings_of(const Engine& engine, const EngineOptions& options);

}  // namespace stockfold
