// The products and locations of orders in progress that have several lines: a part of the fold of the order
// index. The event that closes an order need not name all of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/fault.h"
#include "core/numbers.h"
#include "storage/views/row_changes.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// One thread; the view must outlive it.
class OpenLines {
 public:
  explicit OpenLines(const View& view) : view_(view) {}

  /// An order that began at `first` is in progress with these lines.
  void add(GlobalPosition first, const StockedLines& lines);
  /// The sets of open orders that an order leaves that is closed by an event with these lines. `whole`: they
  /// are all lines of the order.
  Result<std::vector<std::string>> close(GlobalPosition first, const StockedLines& lines, bool whole,
                                         RowChanges& rows);
  /// Puts the rows of the batch.
  void finish(RowChanges& rows);

 private:
  const View& view_;
  std::map<GlobalPosition, std::string> added_;  ///< Rows, in this batch.
};

}  // namespace stockfold
