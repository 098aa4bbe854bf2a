// One connection: frames in, commands to the writer, reads around it, replies out in order.
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
#include "storage/log/event_log.h"

namespace stockfold {

struct SessionLimits {
  std::chrono::milliseconds hello{10'000};      ///< From the connect to a whole hello.
  std::chrono::milliseconds frame{30'000};      ///< From the first byte of a frame to its last.
  std::chrono::milliseconds write{30'000};      ///< Without the client taking a byte of its replies.
  std::chrono::milliseconds idle{600'000};      ///< Without anything at all.
  std::chrono::milliseconds read{5'000};        ///< That a read waits for its position.
  std::chrono::milliseconds heartbeat{15'000};  ///< Between two signs of life to a subscription.
  std::uint32_t in_flight = 256;                ///< Commands read ahead of their replies.
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

/// All members are called on the network thread. Commands are pipelined: their replies come in their order. A
/// read waits until every earlier request of its connection is answered, so a program sees what it wrote.
class Session final : public CommandSource {
 public:
  /// `socket` is prepared (Connection::prepare()). `tls` secures the connection; null: nothing does.
  Session(boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls, const SessionContext& context);

  /// Serves the connection until either side ends it.
  boost::asio::awaitable<void> run();

  void answered(std::span<const Answer> answers) override;
  void flush() override;

  /// Reads no further requests; what was begun is answered, the client is told, and the connection closes: at
  /// `last_call` where it may have answers that it has not read, else soon.
  void finish(SteadyTime last_call);
  /// Closes the connection if a deadline has passed, or its token is no longer valid.
  void enforce_deadline(SteadyTime now);
  /// Closes it now.
  void close() { connection_.close(); }

 private:
  boost::asio::awaitable<bool> greet();
  boost::asio::awaitable<bool> log_in();
  /// The next message, which the client has to send in the time that it has for its hello.
  boost::asio::awaitable<std::optional<RequestMessage>> receive_first(bool is_hello);
  boost::asio::awaitable<void> serve();
  /// The next whole frame of what was received; nothing where more is needed.
  std::expected<std::optional<std::string_view>, FrameError> take_payload();
  boost::asio::awaitable<bool> receive();
  boost::asio::awaitable<bool> handle(std::expected<RequestMessage, ProtocolError> message);

  std::optional<Failure> submit(std::uint64_t id, Command&& command);
  bool show_at_once(const RequestMessage& message);
  boost::asio::awaitable<bool> answer(std::uint64_t id, Request& request);
  boost::asio::awaitable<bool> handle_question(std::uint64_t id, Request request);
  boost::asio::awaitable<bool> handle_stray(std::uint64_t id, std::string detail);
  boost::asio::awaitable<bool> handle_log_in(std::uint64_t id);
  boost::asio::awaitable<bool> handle_follow(std::uint64_t id, FollowTypes request);
  /// Replies with an Error where something that takes room on the disk may not begin now.
  bool has_no_room(std::uint64_t id);
  boost::asio::awaitable<bool> handle_rebuild(std::uint64_t id, Rebuild request);
  boost::asio::awaitable<bool> handle_checkpoint(std::uint64_t id);
  boost::asio::awaitable<void> stream_events(std::uint64_t id, FollowTypes request);
  boost::asio::awaitable<void> until_finishing();
  /// Of what took the connection over: says so where that ended since the client sent something behind it.
  void end_by_client(std::uint64_t id);

  [[nodiscard]] std::size_t owed() const { return in_flight_.size() + ready_replies_; }
  [[nodiscard]] Writer::Turn turn() const {
    return in_flight_.empty() ? Writer::Turn::first : Writer::Turn::further;
  }
  /// Refuses a command that there is no room for, before more of it is read than that takes: what overloads
  /// the ledger is to cost it as little as can be. False where there is room, or it is no command.
  bool refuse_unread(std::string_view payload);
  boost::asio::awaitable<void> await_answers(std::size_t commands);
  boost::asio::awaitable<void> refuse_and_close(std::uint64_t id, std::string detail,
                                                ErrorCode code = ErrorCode::invalid_argument);

  void reply(std::uint64_t id, Reply reply);
  void reply_in_turn(std::uint64_t id, Reply reply);
  /// Where a reply goes that comes behind all commands before it: to be appended there, at once.
  std::string& in_turn();

  /// Replies to commands that were not queued, while others before them are not answered.
  struct ReadyReplies {
    std::uint64_t behind;  ///< So many answers of the connection.
    std::size_t count = 0;
    std::string frames;
  };

  const SessionContext& context_;
  Connection connection_;
  Caller caller_;                        ///< Once greeted_.
  std::uint64_t access_revision_ = 0;    ///< At which the caller was identified, or checked again.
  bool greeted_ = false;                 ///< And logged in, if the ledger needs a token.
  std::deque<std::uint64_t> in_flight_;  ///< Request ids of queued commands that have no answer yet.
  std::uint64_t answered_ = 0;           ///< Queued commands that have one.
  std::deque<ReadyReplies> ready_;       ///< Only while some are in flight.
  std::size_t ready_replies_ = 0;        ///< In all of them.
};

}  // namespace stockfold
