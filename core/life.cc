#include "core/life.h"

#include <span>

namespace stockfold {

std::string life_of(const LedgerId& ledger, Epoch epoch) {
  return to_hex(std::span(ledger.bytes).first(kLifeIdDigits / 2)) + "." + std::to_string(epoch.value());
}

}  // namespace stockfold
