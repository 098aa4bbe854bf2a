// What is not a refusal: the store, not the caller, is in trouble.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "core/numbers.h"

namespace stockfold {

enum class FaultKind : std::uint8_t {
  corruption,    ///< What was written is not what is there, or cannot have happened: the store cannot be
                 ///< trusted.
  io,            ///< The disk, or what stands for it, refused.
  busy,          ///< Another process holds the store.
  newer_format,  ///< Written by a later version of the program.
};

struct Fault {
  FaultKind kind = FaultKind::io;
  std::string what;         ///< Names what was expected and what was found.
  GlobalPosition position;  ///< Where, or 0 where that cannot be said.
};

[[nodiscard]] inline Fault corruption(GlobalPosition position, std::string what) {
  return {FaultKind::corruption, std::move(what), position};
}

/// What a step gives that may meet a fault: its value, or the fault.
template <class T>
using Result = std::expected<T, Fault>;

}  // namespace stockfold
