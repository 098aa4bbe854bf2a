#include "storage/codec/wall_clock.h"

#include <chrono>

namespace stockfold {

UnixMillis wall_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return UnixMillis(std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
}

}  // namespace stockfold
