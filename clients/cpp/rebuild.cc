#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "clients/cpp/channel.h"
#include "clients/cpp/connection.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;

using Progress = std::function<void(const RebuildingReply&)>;

asio::awaitable<ClientResult<RebuiltReply>> rebuild_over(Channel& channel, const ClientOptions& options,
                                                         const Rebuild& request, const Progress& progress) {
  auto hello = co_await channel.open(options);
  if (!hello) co_return std::unexpected(std::move(hello.error()));
  std::string frame;
  encode_request({1, request}, frame, channel.version());
  auto written = co_await channel.write(frame);
  if (!written) co_return std::unexpected(std::move(written.error()));

  for (;;) {
    auto message = co_await channel.read();
    if (!message) co_return std::unexpected(std::move(message.error()));
    if (auto* rebuilt = std::get_if<RebuiltReply>(&message->reply)) co_return std::move(*rebuilt);
    if (auto* error = std::get_if<ErrorReply>(&message->reply)) {
      co_return std::unexpected(
          ClientError{ClientErrorKind::rejected, std::move(error->detail), error->code});
    }
    const auto* rebuilding = std::get_if<RebuildingReply>(&message->reply);
    if (rebuilding == nullptr) {
      co_return std::unexpected(ClientError{ClientErrorKind::protocol,
                                            "the ledger sent a reply that matches no request", std::nullopt});
    }
    progress(*rebuilding);
  }
}

}  // namespace

ClientResult<RebuiltReply> Client::rebuild(const std::string& view, const Progress& progress) {
  asio::io_context io(1);
  Channel channel(io.get_executor());
  const Rebuild request{view};
  ClientResult<RebuiltReply> result;
  std::exception_ptr thrown;  // by `progress`
  asio::co_spawn(io, rebuild_over(channel, connection_->options(), request, progress),
                 [&](const std::exception_ptr& error, ClientResult<RebuiltReply> ended) {
                   thrown = error;
                   result = std::move(ended);
                 });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

}  // namespace stockfold
