// How a statement is written down: the parts of it in order, and their text.
#pragma once

#include <optional>
#include <string>

#include "core/event.h"
#include "core/numbers.h"
#include "core/state.h"
#include "core/statement.h"

namespace stockfold {

class StatementForm {
 public:
  virtual ~StatementForm() = default;
  /// The text of the parts that were added since the last call. A table may keep rows until the closing.
  virtual std::string take() = 0;
};

/// A product's statement: the opening, the movements, the closing.
class ProductForm : public StatementForm {
 public:
  /// `stock`: before the first position that is counted, `from`.
  virtual void opening(Units stock, GlobalPosition from) = 0;
  virtual void movement(const RecordedEvent& event, const Movement& movement) = 0;
  /// `stock`: that of the opening. `to`: the last position that is counted.
  virtual void closing(const ProductStatement& statement, Units stock, GlobalPosition to) = 0;
};

/// An order's statement: the opening, the events, the closing. `order` is empty before it exists.
class OrderForm : public StatementForm {
 public:
  virtual void opening(const std::optional<Order>& order, GlobalPosition from) = 0;
  /// `order`: after the event.
  virtual void event(const RecordedEvent& event, const Order& order) = 0;
  virtual void closing(const std::optional<Order>& order, GlobalPosition to) = 0;
};

}  // namespace stockfold
