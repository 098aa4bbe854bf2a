// One target as a program of libFuzzer.
#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return stockfold::STOCKFOLD_FUZZ_TARGET(data, size);
}
