// The C++ client of a ledger: blocking calls, and pipelined submission with futures.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "net/tls_options.h"
#include "protocol/answer.h"
#include "protocol/messages.h"

namespace stockfold {

struct ClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7070;
  std::chrono::milliseconds connect_timeout{5'000};   ///< Of one attempt, hello included.
  std::chrono::milliseconds request_timeout{30'000};  ///< Of one call, with its reconnects.
  int reconnects = 5;  ///< Attempts in a row to replace a lost connection, before its calls fail.
  std::string name = "stockfold-client";
  std::string token;  ///< Names the caller, if the ledger requires tokens. Sent to another machine only
                      ///< over TLS.
  std::optional<TlsClientOptions> tls;  ///< Empty: no TLS.
  /// A subscription without a message for so long is made again, if the ledger sends heartbeats.
  std::chrono::milliseconds silence{45'000};
  std::string
      life;  ///< Of the ledger, as life_of() names it; a ledger in another life is refused. Empty: any.
};

enum class ClientErrorKind : std::uint8_t {
  unreachable,   ///< No connection could be made.
  lost,          ///< The connection ended and could not be made again.
  timed_out,     ///< No reply in time. The command may have been done: send it again under the same id.
  protocol,      ///< The other side does not speak this protocol.
  rejected,      ///< The ledger answered with an error, such as a rejected token: see `code`.
  another_life,  ///< The ledger is not in the life that the options name.
  untrusted,     ///< TLS failed: another name, no TLS on the other side, or a certificate rejected.
};

struct ClientError {
  ClientErrorKind kind = ClientErrorKind::unreachable;
  std::string what;
  std::optional<ErrorCode> code;  ///< Of `rejected`.
};

template <class T>
using ClientResult = std::expected<T, ClientError>;

/// One connection, used from any number of threads; calls are pipelined. A command without an id is given
/// one, so that it can be sent again after a reconnect and has one outcome. Reads are sent again, too, but
/// not in another life of the ledger: after a restore, every request that is not a command fails with `lost`,
/// because its positions may belong to the earlier life. Connect a new client then.
class Client {
 public:
  /// Connects and exchanges hellos.
  static ClientResult<std::unique_ptr<Client>> connect(ClientOptions options);
  /// Outstanding calls fail with `lost`.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The ledger's hello of the latest connect.
  [[nodiscard]] ServerHello server() const;

  /// Sends a command and returns at once. The future always becomes ready, at the latest with `timed_out`.
  std::future<ClientResult<Answer>> submit(Command command);
  /// Sends a command and waits for its outcome.
  ClientResult<Answer> execute(Command command);

  /// Sends 1 to kMaxBatchCommands commands as one batch: one commit takes them all, and each has an outcome
  /// of its own, in their order. If `atomic`, all of them are done or none; see docs/PROTOCOL.md, "Batches".
  /// A batch that the ledger does not take as a whole fails with `rejected`. So does a batch larger than a
  /// frame, and a batch for a ledger that speaks version 1 of the protocol: the code is then
  /// invalid_argument.
  std::future<ClientResult<std::vector<Answer>>> submit_batch(std::vector<Command> commands, bool atomic);
  ClientResult<std::vector<Answer>> execute_batch(std::vector<Command> commands, bool atomic);

  ClientResult<ProductReply> product(const Sku& sku, Freshness freshness = {});
  ClientResult<OrderReply> order(const OrderId& order, Freshness freshness = {});
  /// The order, and when and by whom its events were caused.
  ClientResult<OrderHistoryReply> order_history(const OrderId& order, Freshness freshness = {});
  ClientResult<ProductsReply> products(const ListProducts& request);
  ClientResult<OrdersReply> orders(const ListOrders& request);
  ClientResult<MovementsReply> movements(const ReadMovements& request);
  /// By the days of a time zone. `unknown zone` is a ClientError of the code invalid_argument.
  ClientResult<ZoneMovementsReply> movements(const ReadZoneMovements& request);
  /// The same for an earlier state. Ask for the next page at the `as_of` of the first.
  ClientResult<ProductReply> at(const Moment& moment, const ShowProduct& request);
  ClientResult<OrderReply> at(const Moment& moment, const ShowOrder& request);
  ClientResult<OrderHistoryReply> at(const Moment& moment, const ShowOrderHistory& request);
  ClientResult<ProductsReply> at(const Moment& moment, const ListProducts& request);
  ClientResult<OrdersReply> at(const Moment& moment, const ListOrders& request);
  ClientResult<EventsReply> events(const ReadEvents& request);
  ClientResult<HeadReply> head();
  /// The head, signed by the ledger. Keep it elsewhere.
  ClientResult<SignedHead> sign_head();
  /// The position of the last commit at or before `time`, from 1970 on; 0 if all are later.
  ClientResult<GlobalPosition> position_at(UnixMillis time);
  ClientResult<CommitsReply> commits(const ReadCommits& request);

  /// Rebuilds a view, over its own connection, and waits until that is done, without a time-out.
  /// Calls `progress` on the caller's thread about every second. If the connection is lost, the ledger
  /// continues.
  ClientResult<RebuiltReply> rebuild(const std::string& view,
                                     const std::function<void(const RebuildingReply&)>& progress);

  /// The ledger makes a copy of its present store, on its own machine. Calls `use` with the directory, on
  /// the caller's thread. The ledger keeps the copy until `use` returns. Uses its own connection.
  ClientResult<void> with_checkpoint(const std::function<void(const CheckpointReply&)>& use);

  /// Follows the log over its own connection and calls `each` for every event, on the caller's thread,
  /// until it returns false. After a lost connection it continues where the ledger had read to, which is
  /// after the last event that `each` got, in the same life of the ledger.
  ClientResult<void> follow(const FollowEvents& request,
                            const std::function<bool(const RecordedEvent&)>& each);
  /// The same for events of some types; of all types, if none is named.
  ClientResult<void> follow_types(const FollowTypes& request,
                                  const std::function<bool(const RecordedEvent&)>& each);

 private:
  class Connection;
  explicit Client(std::unique_ptr<Connection> connection);
  template <class Expected>
  ClientResult<Expected> ask(Request request);

  std::unique_ptr<Connection> connection_;
};

}  // namespace stockfold
