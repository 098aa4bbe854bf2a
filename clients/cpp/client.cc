#include <stockfold/client.h>

#include "clients/cpp/connection.h"
#include "storage/codec/body_hash.h"

namespace stockfold {
namespace {

/// The reply that belongs to a request, or an error.
template <class Expected>
ClientResult<Expected> expect_reply(ClientResult<Reply> reply) {
  if (!reply) return std::unexpected(std::move(reply.error()));
  if (auto* expected = std::get_if<Expected>(&*reply)) return std::move(*expected);
  return std::unexpected(ClientError{ClientErrorKind::protocol,
                                     "the ledger's reply is of another kind than the request", std::nullopt});
}

/// Brings a command into the form in which it is sent. The error says what makes it malformed.
std::optional<std::string> complete(Command& command) {
  std::optional<std::string> wrong;
  const auto sort = [&](Lines& lines) {
    auto sorted = normalise(std::move(lines));
    if (!sorted) wrong = std::move(sorted.error());
    lines = std::move(sorted).value_or(Lines());
  };
  if (auto* draft = std::get_if<DraftOrder>(&command.body)) sort(draft->lines);
  if (auto* place = std::get_if<PlaceOrder>(&command.body)) sort(place->lines);
  if (wrong) return wrong;
  if (!command.identity) command.identity = CommandIdentity{draw_command_id(), BodyHash{}};
  if (auto never = never_drawn(command.identity->id)) return "command_id: " + *never;
  if (auto malformed = malformation(command)) return malformed;
  return new_id_malformation(command.body);
}

}  // namespace

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::~Client() = default;

ClientResult<std::unique_ptr<Client>> Client::connect(ClientOptions options) {
  auto connection = std::make_unique<Connection>(std::move(options));
  if (auto started = connection->start(); !started) return std::unexpected(std::move(started.error()));
  return std::unique_ptr<Client>(new Client(std::move(connection)));
}

ServerHello Client::server() const { return connection_->server(); }

std::future<ClientResult<Answer>> Client::submit(Command command) {
  std::promise<ClientResult<Answer>> promise;
  auto future = promise.get_future();
  if (auto wrong = complete(command)) {
    promise.set_value(Answer{Failure(ErrorCode::invalid_argument, std::move(*wrong)), false});
    return future;
  }
  connection_->send(CommandRequest{std::move(command)},
                    [promise = std::move(promise)](ClientResult<Reply> reply) mutable {
                      auto expected = expect_reply<CommandReply>(std::move(reply));
                      if (!expected) return promise.set_value(std::unexpected(std::move(expected.error())));
                      promise.set_value(std::move(expected->answer));
                    });
  return future;
}

ClientResult<Answer> Client::execute(Command command) { return submit(std::move(command)).get(); }

std::future<ClientResult<std::vector<Answer>>> Client::submit_batch(std::vector<Command> commands,
                                                                    bool atomic) {
  std::promise<ClientResult<std::vector<Answer>>> promise;
  auto future = promise.get_future();
  if (auto failed = malformation_of_batch(commands)) {
    promise.set_value(
        std::unexpected(ClientError{ClientErrorKind::rejected, std::move(failed->detail), failed->code}));
    return future;
  }
  auto early = screen(commands, atomic, [](Command& command) -> std::optional<Failure> {
    auto wrong = complete(command);
    if (!wrong) return std::nullopt;
    return Failure(ErrorCode::invalid_argument, std::move(*wrong));
  });
  if (commands.empty()) {
    promise.set_value(merged(std::move(early), {}));
    return future;
  }
  const std::size_t count = commands.size();
  connection_->send(
      CommandBatch{std::move(commands), atomic},
      [promise = std::move(promise), early = std::move(early), count](ClientResult<Reply> reply) mutable {
        auto expected = expect_reply<BatchReply>(std::move(reply));
        if (!expected) return promise.set_value(std::unexpected(std::move(expected.error())));
        if (expected->answers.size() != count) {
          return promise.set_value(std::unexpected(ClientError{
              ClientErrorKind::protocol, "the ledger's reply has another number of answers", std::nullopt}));
        }
        promise.set_value(merged(std::move(early), expected->answers));
      });
  return future;
}

ClientResult<std::vector<Answer>> Client::execute_batch(std::vector<Command> commands, bool atomic) {
  return submit_batch(std::move(commands), atomic).get();
}

template <class Expected>
ClientResult<Expected> Client::ask(Request request) {
  std::promise<ClientResult<Reply>> promise;
  auto future = promise.get_future();
  connection_->send(std::move(request), [promise = std::move(promise)](ClientResult<Reply> reply) mutable {
    promise.set_value(std::move(reply));
  });
  return expect_reply<Expected>(future.get());
}

ClientResult<ProductReply> Client::product(const Sku& sku, Freshness freshness) {
  return ask<ProductReply>(ShowProduct{sku, freshness});
}

ClientResult<OrderReply> Client::order(const OrderId& order, Freshness freshness) {
  return ask<OrderReply>(ShowOrder{order, freshness});
}

ClientResult<OrderHistoryReply> Client::order_history(const OrderId& order, Freshness freshness) {
  return ask<OrderHistoryReply>(ShowOrderHistory{order, freshness});
}

ClientResult<ProductsReply> Client::products(const ListProducts& request) {
  return ask<ProductsReply>(request);
}

ClientResult<OrdersReply> Client::orders(const ListOrders& request) { return ask<OrdersReply>(request); }

ClientResult<MovementsReply> Client::movements(const ReadMovements& request) {
  return ask<MovementsReply>(request);
}

ClientResult<ZoneMovementsReply> Client::movements(const ReadZoneMovements& request) {
  return ask<ZoneMovementsReply>(request);
}

ClientResult<ProductReply> Client::at(const Moment& moment, const ShowProduct& request) {
  return ask<ProductReply>(At{moment, request});
}

ClientResult<OrderReply> Client::at(const Moment& moment, const ShowOrder& request) {
  return ask<OrderReply>(At{moment, request});
}

ClientResult<OrderHistoryReply> Client::at(const Moment& moment, const ShowOrderHistory& request) {
  return ask<OrderHistoryReply>(At{moment, request});
}

ClientResult<ProductsReply> Client::at(const Moment& moment, const ListProducts& request) {
  return ask<ProductsReply>(At{moment, request});
}

ClientResult<OrdersReply> Client::at(const Moment& moment, const ListOrders& request) {
  return ask<OrdersReply>(At{moment, request});
}

ClientResult<EventsReply> Client::events(const ReadEvents& request) { return ask<EventsReply>(request); }

ClientResult<HeadReply> Client::head() { return ask<HeadReply>(ShowHead{}); }

ClientResult<SignedHead> Client::sign_head() {
  auto reply = ask<SignedHeadReply>(SignHead{});
  if (!reply) return std::unexpected(std::move(reply.error()));
  return reply->signed_head;
}

ClientResult<GlobalPosition> Client::position_at(UnixMillis time) {
  auto reply = ask<PositionReply>(FindPosition{time});
  if (!reply) return std::unexpected(std::move(reply.error()));
  return reply->position;
}

ClientResult<CommitsReply> Client::commits(const ReadCommits& request) { return ask<CommitsReply>(request); }

}  // namespace stockfold
