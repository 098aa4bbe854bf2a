// Options of a store that tests open often.
#pragma once

#include "storage/engine/store.h"

namespace stockfold {

/// One view, and little memory.
inline StoreOptions small() {
  StoreOptions options;
  options.views = {"stock"};
  options.log_buffer_bytes = 1U << 20;
  options.view_buffer_bytes = 1U << 20;
  options.block_cache_bytes = 1U << 20;
  options.recent_commits_bytes = 0;
  return options;
}

}  // namespace stockfold
