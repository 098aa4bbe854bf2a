// Reads the statement of one product or order: the number, and every event that made it. Pure: the reader
// names the next request, its caller asks the ledger and hands in the reply. Server and program share it.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/fault.h"
#include "core/ids.h"
#include "core/numbers.h"
#include "core/state.h"
#include "core/statement.h"
#include "protocol/messages.h"
#include "protocol/text/statement_form.h"

namespace stockfold {

struct StatementQuery {
  StreamId subject;                    ///< A product or an order.
  std::optional<Moment> from;          ///< The first event that is counted; the opening is before it.
  std::optional<Moment> at;            ///< The last event that is counted.
  std::uint64_t limit = kMaxPageRows;  ///< Events; at least 1.
  Freshness freshness;
  friend bool operator==(const StatementQuery&, const StatementQuery&) = default;
};

using StatementRequest = std::variant<FindPosition, ReadEvents, ShowProduct>;
using StatementReply = std::variant<PositionReply, EventsReply, ProductReply>;

/// Events that are committed after the first reply are not counted.
class StatementReader {
 public:
  virtual ~StatementReader() = default;

  /// The request whose reply take() needs. Empty: the statement is complete, or its subject is unknown.
  [[nodiscard]] std::optional<StatementRequest> next() const;
  /// Takes the reply to next() and adds to the form what it tells. Corruption: an event cannot have happened.
  Result<void> take(const StatementReply& reply);

  /// There is no such product or order. The form is empty.
  [[nodiscard]] bool is_unknown() const { return is_unknown_; }
  /// The first event that the limit left out; empty where it left out none.
  [[nodiscard]] const std::optional<GlobalPosition>& more() const { return more_; }

 protected:
  explicit StatementReader(StatementQuery query);

  /// The request after the period is known.
  [[nodiscard]] virtual StatementRequest next_read() const = 0;
  virtual Result<void> take_events(const EventsReply& reply) = 0;
  virtual Result<void> take_product(const ProductReply& reply) = 0;

  StatementQuery query_;
  GlobalPosition from_{1};         ///< The first position that is counted.
  GlobalPosition to_{UINT64_MAX};  ///< The last one.
  std::optional<GlobalPosition> more_;
  bool is_unknown_ = false;
  bool is_complete_ = false;

 private:
  Result<void> take_position(const PositionReply& reply);

  std::optional<UnixMillis> from_after_;  ///< from_ is the first position after the last one of this time.
  std::optional<UnixMillis> to_time_;     ///< to_ is the last position of this time.
};

class ProductStatementReader final : public StatementReader {
 public:
  /// `query` is about `sku`. `form` outlives the reader.
  ProductStatementReader(StatementQuery query, const Sku& sku, ProductForm& form);

 private:
  /// Without a movement in the period, the next event tells the stock, or else the product as it is now.
  enum class Step : std::uint8_t { movements, next_event, product_now };

  [[nodiscard]] StatementRequest next_read() const override;
  Result<void> take_events(const EventsReply& reply) override;
  Result<void> take_product(const ProductReply& reply) override;
  Result<void> take_movements(const EventsReply& reply);
  Result<void> take_next_event(const EventsReply& reply);
  Result<void> close_without_movements(Units stock);

  Sku sku_;
  ProductForm& form_;
  Step step_ = Step::movements;
  std::optional<GlobalPosition> next_page_;  ///< Where to read on.
  ProductStatement statement_;
  GlobalPosition last_;  ///< Of the last movement.
};

class OrderStatementReader final : public StatementReader {
 public:
  /// `query` is about `id`. `form` outlives the reader.
  OrderStatementReader(StatementQuery query, const OrderId& id, OrderForm& form);

 private:
  [[nodiscard]] StatementRequest next_read() const override;
  Result<void> take_events(const EventsReply& reply) override;
  Result<void> take_product(const ProductReply& reply) override;
  void open();
  Result<void> close();

  OrderId id_;
  OrderForm& form_;
  GlobalPosition next_page_{1};  ///< Where to read on: what came before the period makes the opening.
  std::optional<Order> order_;
  std::uint64_t counted_ = 0;
  bool has_events_ = false;
  bool is_open_ = false;
};

}  // namespace stockfold
