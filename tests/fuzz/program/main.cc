// One target as a libFuzzer program.
#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return stockfold::STOCKFOLD_FUZZ_TARGET(data, size);
}
