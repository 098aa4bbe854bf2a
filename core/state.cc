#include "core/state.h"

namespace stockfold {

std::string_view name_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::draft:
      return "draft";
    case OrderStatus::in_progress:
      return "in_progress";
    case OrderStatus::aborted:
      return "aborted";
    case OrderStatus::fulfilled:
      return "fulfilled";
  }
  return "?";
}

}  // namespace stockfold
