#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "clients/cpp/channel.h"
#include "clients/cpp/connection.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;

asio::awaitable<ClientResult<CheckpointReply>> make_checkpoint(Channel& channel,
                                                               const ClientOptions& options) {
  auto hello = co_await channel.open(options);
  if (!hello) co_return std::unexpected(std::move(hello.error()));
  std::string frame;
  encode_request({1, MakeCheckpoint{}}, frame, channel.version());
  auto written = co_await channel.write(frame);
  if (!written) co_return std::unexpected(std::move(written.error()));
  auto message = co_await channel.read();
  if (!message) co_return std::unexpected(std::move(message.error()));
  if (auto* made = std::get_if<CheckpointReply>(&message->reply)) co_return std::move(*made);
  if (auto* error = std::get_if<ErrorReply>(&message->reply)) {
    co_return std::unexpected(ClientError{ClientErrorKind::rejected, std::move(error->detail), error->code});
  }
  co_return std::unexpected(ClientError{ClientErrorKind::protocol,
                                        "the ledger sent a reply that matches no request", std::nullopt});
}

}  // namespace

ClientResult<void> Client::with_checkpoint(const std::function<void(const CheckpointReply&)>& use) {
  asio::io_context io(1);
  Channel channel(io.get_executor());  // the ledger keeps the checkpoint until this closes
  ClientResult<CheckpointReply> made;
  std::exception_ptr thrown;
  asio::co_spawn(io, make_checkpoint(channel, connection_->options()),
                 [&](const std::exception_ptr& error, ClientResult<CheckpointReply> reply) {
                   thrown = error;
                   made = std::move(reply);
                 });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!made) return std::unexpected(std::move(made.error()));
  use(*made);
  return {};
}

}  // namespace stockfold
