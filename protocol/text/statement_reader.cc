#include "protocol/text/statement_reader.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/evolve.h"
#include "core/overloaded.h"

namespace stockfold {

// ---- the period -------------------------------------------------------------------------------------------

StatementReader::StatementReader(StatementQuery query) : query_(std::move(query)) {
  if (query_.from) {
    const auto* position = std::get_if<GlobalPosition>(&*query_.from);
    const auto* time = std::get_if<UnixMillis>(&*query_.from);
    if (position != nullptr) from_ = std::max(*position, GlobalPosition(1));
    if (time != nullptr && *time != UnixMillis(0)) from_after_ = UnixMillis(time->value() - 1);
  }
  if (query_.at) {
    const auto* position = std::get_if<GlobalPosition>(&*query_.at);
    if (position != nullptr) {
      to_ = *position;
    } else {
      to_time_ = std::get<UnixMillis>(*query_.at);
    }
  }
}

std::optional<StatementRequest> StatementReader::next() const {
  if (is_complete_) return std::nullopt;
  if (from_after_) return FindPosition{*from_after_};
  if (to_time_) return FindPosition{*to_time_};
  return next_read();
}

Result<void> StatementReader::take(const StatementReply& reply) {
  return std::visit(Overloaded{
                        [this](const PositionReply& position) { return take_position(position); },
                        [this](const EventsReply& events) { return take_events(events); },
                        [this](const ProductReply& product) { return take_product(product); },
                    },
                    reply);
}

Result<void> StatementReader::take_position(const PositionReply& reply) {
  if (from_after_) {
    from_ = reply.position.next();
    from_after_.reset();
  } else {
    to_ = reply.position;
    to_time_.reset();
  }
  return {};
}

// ---- products ---------------------------------------------------------------------------------------------

ProductStatementReader::ProductStatementReader(StatementQuery query, const Sku& sku, ProductForm& form)
    : StatementReader(std::move(query)), sku_(sku), form_(form), statement_(sku) {}

StatementRequest ProductStatementReader::next_read() const {
  ReadEvents events{.from = next_page_.value_or(from_),
                    .to = to_,
                    .stream = query_.subject,
                    .limit = kMaxPageRows,
                    .freshness = query_.freshness};
  switch (step_) {
    case Step::movements:
      break;
    case Step::next_event:
      events.from = from_;
      events.to.reset();
      events.limit = 1;
      break;
    case Step::product_now:
      return ShowProduct{sku_, query_.freshness};
  }
  return events;
}

Result<void> ProductStatementReader::take_events(const EventsReply& reply) {
  return step_ == Step::movements ? take_movements(reply) : take_next_event(reply);
}

Result<void> ProductStatementReader::take_movements(const EventsReply& reply) {
  to_ = std::min(to_, reply.head);
  for (const RecordedEvent& event : reply.events) {
    if (statement_.movements() == query_.limit) {
      more_ = event.position;
      break;
    }
    const auto movement = statement_.add(event);
    if (!movement) return std::unexpected(movement.error());
    if (statement_.movements() == 1) form_.opening(*statement_.opening(), from_);
    form_.movement(event, *movement);
    last_ = event.position;
  }
  if (!more_ && reply.next) {
    next_page_ = reply.next;
    return {};
  }
  if (statement_.movements() == 0) {
    step_ = Step::next_event;
    return {};
  }
  form_.closing(statement_, *statement_.opening(), more_ ? last_ : to_);
  is_complete_ = true;
  return {};
}

Result<void> ProductStatementReader::take_next_event(const EventsReply& reply) {
  if (reply.events.empty()) {
    step_ = Step::product_now;
    return {};
  }
  ProductStatement later(sku_);
  if (const auto movement = later.add(reply.events.front()); !movement) {
    return std::unexpected(movement.error());
  }
  return close_without_movements(*later.opening());
}

Result<void> ProductStatementReader::take_product(const ProductReply& reply) {
  if (!reply.product) {
    is_unknown_ = is_complete_ = true;
    return {};
  }
  if (reply.product->changed_at < from_) return close_without_movements(reply.product->stock());
  step_ = Step::next_event;  // the product changed between the two replies: its event is in the log by now
  return {};
}

Result<void> ProductStatementReader::close_without_movements(Units stock) {
  form_.opening(stock, from_);
  form_.closing(statement_, stock, to_);
  is_complete_ = true;
  return {};
}

// ---- orders -----------------------------------------------------------------------------------------------

OrderStatementReader::OrderStatementReader(StatementQuery query, const OrderId& id, OrderForm& form)
    : StatementReader(std::move(query)), id_(id), form_(form) {}

StatementRequest OrderStatementReader::next_read() const {
  return ReadEvents{.from = next_page_,
                    .to = {},
                    .stream = query_.subject,
                    .limit = kMaxPageRows,
                    .freshness = query_.freshness};
}

Result<void> OrderStatementReader::take_events(const EventsReply& reply) {
  to_ = std::min(to_, reply.head);
  for (const RecordedEvent& event : reply.events) {
    has_events_ = true;
    if (event.position > to_) return close();
    const bool counts = event.position >= from_;
    if (counts && counted_ == query_.limit) {
      more_ = event.position;
      to_ = order_->changed_at;
      return close();
    }
    if (counts) open();
    if (const auto folded = evolve(order_, id_, event); !folded) return std::unexpected(folded.error());
    if (!counts) continue;
    ++counted_;
    form_.event(event, *order_);
  }
  if (!reply.next) return close();
  next_page_ = *reply.next;
  return {};
}

Result<void> OrderStatementReader::take_product(const ProductReply& /*of no request of this reader*/) {
  assert(false);
  return {};
}

void OrderStatementReader::open() {
  if (!is_open_) form_.opening(order_, from_);
  is_open_ = true;
}

Result<void> OrderStatementReader::close() {
  is_complete_ = true;
  is_unknown_ = !has_events_;
  if (is_unknown_) return {};
  open();
  form_.closing(order_, to_);
  return {};
}

}  // namespace stockfold
