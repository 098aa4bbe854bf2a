// One connection of the binary protocol: frames in, commands to the writer, replies out in order.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/clock.h"
#include "net/connection.h"
#include "net/connection_memory.h"
#include "net/tls.h"
#include "protocol/frame.h"
#include "protocol/messages.h"
#include "server/access/access.h"
#include "server/engine/disk_reserve.h"
#include "server/engine/online_checkpoint.h"
#include "server/engine/online_rebuild.h"
#include "server/ledger/writer.h"
#include "server/metrics/metrics.h"
#include "server/queries/queries.h"
#include "server/tcp/reply_order.h"
#include "storage/log/event_log.h"

namespace stockfold {

struct SessionLimits {
  std::chrono::milliseconds hello{10'000};      ///< From the connect to a whole hello, and log-in.
  std::chrono::milliseconds frame{30'000};      ///< From the first byte of a frame to its last.
  std::chrono::milliseconds write{30'000};      ///< Without the client reading a byte of its replies.
  std::chrono::milliseconds idle{600'000};      ///< Without a request.
  std::chrono::milliseconds read{5'000};        ///< That a read waits for its position.
  std::chrono::milliseconds heartbeat{15'000};  ///< Between two messages to a subscriber.
  std::uint32_t in_flight = 256;                ///< Commands received ahead of their replies.
  /// Bytes that all connections may hold together, beyond ConnectionMemory::kOfEach of each.
  std::size_t memory = 256U << 20;
};

/// What every session works with; outlives them all.
struct SessionContext {
  Writer& writer;
  const EventLog& log;
  Queries& queries;
  OnlineRebuild& rebuild;
  OnlineCheckpoint& checkpoint;
  Entrance& entrance;
  const DiskReserve& reserve;
  ConnectionMemory& memory;
  Metrics& metrics;
  SessionLimits limits;
  SteadyClock now = std::chrono::steady_clock::now;
};

/// A client of the binary protocol. Commands are pipelined: their replies come in the order of the requests.
/// A read waits until every earlier request of its connection is answered, so a program reads its own writes.
/// No two members are called at the same time.
class Session final : public CommandSource {
 public:
  /// `socket` is prepared (Connection::prepare()). `tls` secures the connection; null: nothing does.
  Session(boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls, const SessionContext& context);

  /// Serves the connection until either side ends it.
  boost::asio::awaitable<void> run();

  void answered(std::span<const Answer> answers) override;
  void flush() override;

  /// Receives no further requests; those that were received are answered, the client is told, and the
  /// connection closes: at `last_call` if the client may have unread answers, else soon.
  void finish(SteadyTime last_call);
  /// Closes the connection if a deadline has passed, or its token is no longer valid.
  void enforce_deadline(SteadyTime now);
  /// Closes it now.
  void close() { connection_.close(); }

 private:
  // ---- session.cc: the life of the connection, and its replies
  boost::asio::awaitable<void> serve();
  /// The payload of the next whole frame of what was received; nothing: more has to be received.
  std::expected<std::optional<std::string_view>, FrameError> take_payload();
  boost::asio::awaitable<bool> receive();
  void reply(std::uint64_t id, Reply reply);
  /// Replies after all commands before it, without waiting for them.
  void reply_in_order(std::uint64_t id, Reply reply);
  /// Waits until at most `most` replies are owed.
  boost::asio::awaitable<void> await_replies(std::size_t most);
  /// Replies with an error after all that is owed; the caller then ends the connection.
  boost::asio::awaitable<void> refuse_and_close(std::uint64_t id, std::string detail,
                                                ErrorCode code = ErrorCode::invalid_argument);

  // ---- session_greeting.cc: hello and log-in
  boost::asio::awaitable<bool> greet();
  boost::asio::awaitable<bool> log_in();
  /// The next message, which the client has to send in the time of its hello.
  boost::asio::awaitable<std::optional<RequestMessage>> receive_first(bool is_hello);

  // ---- session_requests.cc: requests with one answer. Those that return false end the connection
  [[nodiscard]] Writer::Turn turn() const {
    return replies_.empty() ? Writer::Turn::first : Writer::Turn::further;
  }
  std::optional<Failure> submit(std::uint64_t id, Command&& command);
  void submit(std::uint64_t id, CommandBatch&& batch);
  /// Prepares a command for the ledger, or returns why it is not given to it.
  std::optional<Failure> prepare(Command& command);
  void reply_to_batch(std::uint64_t id, std::span<const Answer> answers, std::string& out) const;
  /// Refuses a command that there is no room for by the first bytes of its frame: refusing has to cost little
  /// when the ledger is overloaded. False: there is room, or it is no command.
  bool refuse_unread(std::string_view payload);
  bool show_at_once(const RequestMessage& message);
  boost::asio::awaitable<bool> handle(std::expected<RequestMessage, ProtocolError> message);
  boost::asio::awaitable<bool> answer(std::uint64_t id, Request& request);
  boost::asio::awaitable<bool> handle_question(std::uint64_t id, Request request);
  boost::asio::awaitable<bool> handle_stray(std::uint64_t id, std::string detail);
  boost::asio::awaitable<bool> handle_log_in(std::uint64_t id);
  boost::asio::awaitable<bool> handle_rebuild(std::uint64_t id, Rebuild request);
  /// Replies with an error if the disk has no room for what takes some.
  bool has_no_room(std::uint64_t id);

  // ---- session_streams.cc: requests that have the connection to themselves
  boost::asio::awaitable<bool> handle_follow(std::uint64_t id, FollowTypes request);
  boost::asio::awaitable<void> stream_events(std::uint64_t id, FollowTypes request);
  boost::asio::awaitable<bool> handle_checkpoint(std::uint64_t id);
  boost::asio::awaitable<void> until_finishing();
  /// Replies with an error if the request ended because the client sent something behind it.
  void end_by_client(std::uint64_t id);

  const SessionContext& context_;
  Connection connection_;
  ReplyOrder replies_;
  std::deque<std::vector<EarlyAnswer>> early_;     ///< Of each batch that waits for its answers.
  std::uint32_t version_ = kFirstProtocolVersion;  ///< Of the protocol, spoken from the hello on.
  Caller caller_;                                  ///< Once greeted_.
  std::uint64_t access_revision_ = 0;              ///< At which the caller was identified, or checked again.
  bool greeted_ = false;                           ///< And logged in, if the ledger needs a token.
};

}  // namespace stockfold
