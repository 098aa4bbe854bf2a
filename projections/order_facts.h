// What an order's events say about it.
#pragma once

#include <string_view>

#include "core/event.h"
#include "core/order_status.h"

namespace stockfold {

/// The location of a line; empty: main.
template <class AnyLine>
std::string_view location_of(const AnyLine& line) {
  if constexpr (requires { line.location; }) return line.location.view();
  return {};
}
template <class E>
std::string_view reference_of(const E& event) {
  if constexpr (requires { event.reference; }) return event.reference;
  return {};
}
inline OrderStatus status_after(const auto& event) {
  if constexpr (requires { event.leaves; }) return event.leaves;
  return requires { event.was_draft; } ? OrderStatus::aborted : OrderStatus::fulfilled;
}
bool is_whole(const auto& event) {
  if constexpr (requires { event.whole; }) return event.whole;
  return true;
}

}  // namespace stockfold
