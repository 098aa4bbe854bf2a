#include "server/queries/explain.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "core/evolve.h"
#include "core/statement.h"
#include "protocol/text/statement_json.h"

namespace stockfold {

using boost::asio::awaitable;

namespace {

template <class T>
using OrError = std::expected<T, ErrorReply>;
using Explained = OrError<std::optional<Explanation>>;

/// The events that a statement is of.
struct Period {
  GlobalPosition from{1};
  GlobalPosition to{UINT64_MAX};
};

template <class T>
awaitable<OrError<T>> ask(Queries& queries, Request request) {
  Reply reply = co_await queries.answer(std::move(request));
  if (auto* error = std::get_if<ErrorReply>(&reply)) co_return std::unexpected(std::move(*error));
  co_return std::get<T>(std::move(reply));
}

/// The last event at or before a point of the log.
awaitable<OrError<GlobalPosition>> last_at(Queries& queries, Moment at) {
  if (const auto* position = std::get_if<GlobalPosition>(&at)) co_return *position;
  const FindPosition request{std::get<UnixMillis>(at)};
  auto found = co_await ask<PositionReply>(queries, request);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return found->position;
}

/// The first event at or after it.
awaitable<OrError<GlobalPosition>> first_at(Queries& queries, Moment at) {
  if (const auto* position = std::get_if<GlobalPosition>(&at)) {
    co_return std::max(*position, GlobalPosition(1));
  }
  const UnixMillis time = std::get<UnixMillis>(at);
  if (time == UnixMillis(0)) co_return GlobalPosition(1);
  const auto before = co_await last_at(queries, UnixMillis(time.value() - 1));
  if (!before) co_return before;
  co_return before->next();
}

awaitable<OrError<Period>> period_of(Queries& queries, const Explain& asked) {
  Period period;
  if (asked.from) {
    auto from = co_await first_at(queries, *asked.from);
    if (!from) co_return std::unexpected(std::move(from.error()));
    period.from = *from;
  }
  if (asked.at) {
    auto to = co_await last_at(queries, *asked.at);
    if (!to) co_return std::unexpected(std::move(to.error()));
    period.to = *to;
  }
  co_return period;
}

// ---- products ---------------------------------------------------------------------------------------------

/// Where the period has no event of the product's, the next one tells its stock, or the product as it is
/// now. Nothing where there is none.
awaitable<OrError<std::optional<Units>>> stock_before(Queries& queries, const Explain& asked, const Sku& sku,
                                                      GlobalPosition from) {
  const ReadEvents events{
      .from = from, .to = {}, .stream = asked.subject, .limit = 1, .freshness = asked.freshness};
  const ShowProduct product{sku, asked.freshness};
  for (;;) {
    auto next = co_await ask<EventsReply>(queries, events);
    if (!next) co_return std::unexpected(std::move(next.error()));
    if (!next->events.empty()) {
      ProductStatement later(sku);
      const auto movement = later.add(next->events.front());
      if (!movement) co_return std::unexpected(queries.failed(movement.error()));
      co_return later.opening();
    }
    auto now = co_await ask<ProductReply>(queries, product);
    if (!now) co_return std::unexpected(std::move(now.error()));
    if (!now->product) co_return std::nullopt;
    if (now->product->changed_at < from) co_return now->product->stock();
    // it has changed between the two answers: the event is there by now
  }
}

awaitable<Explained> explain_product(Queries& queries, const Explain& asked, const Sku& sku, Period period) {
  ReadEvents request{.from = period.from,
                     .to = period.to,
                     .stream = asked.subject,
                     .limit = kMaxPageRows,
                     .freshness = asked.freshness};
  ProductStatement statement(sku);
  Explanation explanation;
  std::string movements;
  GlobalPosition last;
  while (!explanation.next) {
    auto reply = co_await ask<EventsReply>(queries, request);
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    period.to = std::min(period.to, reply->head);
    for (const RecordedEvent& event : reply->events) {
      if (statement.movements() == asked.limit) {
        explanation.next = event.position;
        break;
      }
      const auto movement = statement.add(event);
      if (!movement) co_return std::unexpected(queries.failed(movement.error()));
      movements += line_of(entry_of(event, *movement));
      last = event.position;
    }
    if (!reply->next) break;
    request.from = *reply->next;
    request.to = period.to;
  }
  Units opening = statement.opening().value_or(0);
  if (statement.movements() == 0) {
    auto stock = co_await stock_before(queries, asked, sku, period.from);
    if (!stock) co_return std::unexpected(std::move(stock.error()));
    if (!*stock) co_return std::nullopt;
    opening = **stock;
  }
  explanation.lines = line_of(opening_entry(sku, opening, period.from)) + movements;
  explanation.lines += line_of(closing_entry(sku, statement, opening, explanation.next ? last : period.to));
  co_return std::move(explanation);
}

// ---- orders -----------------------------------------------------------------------------------------------

awaitable<Explained> explain_order(Queries& queries, const Explain& asked, const OrderId& id, Period period) {
  const ReadEvents request{.from = GlobalPosition(1),
                           .to = {},
                           .stream = asked.subject,
                           .limit = kMaxPageRows,  // of three at the most
                           .freshness = asked.freshness};
  auto reply = co_await ask<EventsReply>(queries, request);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (reply->events.empty()) co_return std::nullopt;
  period.to = std::min(period.to, reply->head);

  Explanation explanation;
  std::optional<Order> order;
  std::optional<Order> before;
  std::string entries;
  std::uint32_t counted = 0;
  for (const RecordedEvent& event : reply->events) {
    if (event.position > period.to) break;
    const bool counts = event.position >= period.from;
    if (counts && counted++ == asked.limit) {
      explanation.next = event.position;
      period.to = order->changed_at;
      break;
    }
    if (const auto folded = evolve(order, id, event); !folded) {
      co_return std::unexpected(queries.failed(folded.error()));
    }
    if (counts) {
      entries += line_of(entry_of(event, *order));
    } else {
      before = order;
    }
  }
  explanation.lines = line_of(opening_entry(id, before, period.from)) + entries;
  explanation.lines += line_of(closing_entry(id, order, period.to));
  co_return std::move(explanation);
}

}  // namespace

awaitable<Explained> explain(Queries& queries, Explain asked) {
  auto period = co_await period_of(queries, asked);
  if (!period) co_return std::unexpected(std::move(period.error()));
  if (asked.subject.kind == AggregateKind::product) {
    co_return co_await explain_product(queries, asked, *Sku::parse(asked.subject.id), *period);
  }
  co_return co_await explain_order(queries, asked, *OrderId::parse(asked.subject.id), *period);
}

}  // namespace stockfold
