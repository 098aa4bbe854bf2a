#include "server/queries/explain.h"

#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "protocol/text/statement_json.h"

namespace stockfold {

using boost::asio::awaitable;

namespace {

template <class T>
using OrError = std::expected<T, ErrorReply>;
using Explained = OrError<std::optional<Explanation>>;

awaitable<OrError<StatementReply>> reply_to(Queries& queries, StatementRequest request) {
  using Result = OrError<StatementReply>;
  Request any = std::visit([](auto& of_kind) { return Request(std::move(of_kind)); }, request);
  Reply reply = co_await queries.answer(std::move(any));
  co_return std::visit(
      Overloaded{
          [](PositionReply& position) -> Result { return position; },
          [](EventsReply& events) -> Result { return std::move(events); },
          [](ProductReply& product) -> Result { return std::move(product); },
          [](ErrorReply& error) -> Result { return std::unexpected(std::move(error)); },
          [](auto& /*of another request*/) -> Result {
            return std::unexpected(ErrorReply{ErrorCode::outcome_unknown, "no answer", false});
          },
      },
      reply);
}

awaitable<Explained> read_all(Queries& queries, StatementReader& reader, StatementForm& form) {
  while (auto request = reader.next()) {
    const auto reply = co_await reply_to(queries, *std::move(request));
    if (!reply) co_return std::unexpected(reply.error());
    if (const auto taken = reader.take(*reply); !taken) {
      co_return std::unexpected(queries.failed(taken.error()));
    }
  }
  if (reader.is_unknown()) co_return std::nullopt;
  co_return Explanation{form.take(), reader.more()};
}

}  // namespace

awaitable<Explained> explain(Queries& queries, StatementQuery query) {
  const std::string id = query.subject.id;
  if (query.subject.kind == AggregateKind::product) {
    const Sku sku = *Sku::parse(id);
    ProductJsonForm form(sku);
    ProductStatementReader reader(std::move(query), sku, form);
    co_return co_await read_all(queries, reader, form);
  }
  const OrderId order = *OrderId::parse(id);
  OrderJsonForm form(order);
  OrderStatementReader reader(std::move(query), order, form);
  co_return co_await read_all(queries, reader, form);
}

}  // namespace stockfold
