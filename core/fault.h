// A fault: the store is in trouble, not the caller. It is no refusal.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "core/numbers.h"

namespace stockfold {

enum class FaultKind : std::uint8_t {
  corruption,  ///< The bytes are not those that were written, or record what cannot have happened: the store
               ///< cannot be trusted.
  io,          ///< The disk, or what stands in for it, failed.
  busy,        ///< Another process holds the store.
  newer_format,  ///< Written by a later version of the program.
};

struct Fault {
  FaultKind kind = FaultKind::io;
  std::string what;         ///< Names what was expected and what was found.
  GlobalPosition position;  ///< Where it was found; 0 if it has no position.
};

[[nodiscard]] inline Fault corruption(GlobalPosition position, std::string what) {
  return {FaultKind::corruption, std::move(what), position};
}

/// The result of a step that may meet a fault: its value, or the fault.
template <class T>
using Result = std::expected<T, Fault>;

}  // namespace stockfold
