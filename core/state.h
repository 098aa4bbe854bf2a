// The state of one product or order: the fold of its events.
#pragma once

#include <string>

#include "core/command.h"
#include "core/numbers.h"
#include "core/order_status.h"

namespace stockfold {

struct Product {
  std::string name;
  Units received = 0;  ///< All units ever received, the first stock included: at most kMaxUnits.
  Units written_off = 0;
  Units in_progress = 0;  ///< Taken by orders in progress.
  Units fulfilled = 0;
  bool retired = false;
  StreamVersion version;
  GlobalPosition registered_at;
  GlobalPosition retired_at;  ///< 0 while it is not retired.
  GlobalPosition changed_at;  ///< Of its latest event.

  /// What can be sold. In every reachable state received >= written_off + in_progress + fulfilled.
  [[nodiscard]] Units stock() const { return received - written_off - in_progress - fulfilled; }

  friend bool operator==(const Product&, const Product&) = default;
};

struct Order {
  OrderStatus status = OrderStatus::draft;
  Lines lines;
  StreamVersion version;
  GlobalPosition changed_at;  ///< Of its latest event.
  std::string changed_by;     ///< The actor of its latest event.

  friend bool operator==(const Order&, const Order&) = default;
};

}  // namespace stockfold
