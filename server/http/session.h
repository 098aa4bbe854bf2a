// One HTTP connection: reads requests, gives commands to the writer and questions to the queries, and sends
// the answers in the order of the requests.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
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
#include "protocol/batch.h"
#include "server/access/access.h"
#include "server/engine/disk_reserve.h"
#include "server/engine/readiness.h"
#include "server/http/answer.h"
#include "server/http/asks.h"
#include "server/http/date.h"
#include "server/http/framing.h"
#include "server/http/guard.h"
#include "server/http/outcome_answer.h"
#include "server/http/parser.h"
#include "server/http/route.h"
#include "server/http/turns.h"
#include "server/ledger/ledger.h"
#include "server/ledger/writer.h"
#include "server/metrics/metrics.h"
#include "server/queries/queries.h"

namespace stockfold {

/// What all HTTP sessions share; outlives them.
struct HttpContext {
  Writer& writer;
  const Ledger& ledger;  ///< The writer's.
  Queries& queries;
  Entrance& entrance;
  const HttpGuard& guard;
  const DiskReserve& reserve;
  ConnectionMemory& memory;
  HttpTurns& turns;  ///< The server gives a few at a time.
  Metrics& metrics;
  HttpDate& date;
  std::function<Readiness()> readiness;
  std::function<std::string()> metrics_text;  ///< In Prometheus' format.
  std::chrono::milliseconds timeout;          ///< For a whole request, and for reading an answer.
  std::chrono::milliseconds idle = std::chrono::seconds(75);  ///< Between an answer and the next request.
  std::chrono::milliseconds heartbeat =
      std::chrono::seconds(15);  ///< Without anything to a reader of events.
  SteadyClock now = std::chrono::steady_clock::now;
};

/// All members are called on the serving thread. Requests may be pipelined; they are done one after the
/// other.
class HttpSession final : public CommandSource {
 public:
  /// `socket` is prepared (Connection::prepare()). `tls` secures the connection; null: nothing does.
  HttpSession(boost::asio::ip::tcp::socket socket, std::shared_ptr<const TlsContext> tls,
              const HttpContext& context);

  /// Serves the connection until either side ends it.
  boost::asio::awaitable<void> run();

  void answered(std::span<const Answer> answers) override;
  void flush() override;

  /// Reads no further requests. Requests that have begun are answered, then the connection closes: by
  /// `last_call` if the client may have answers to read, at once if it has asked nothing.
  void finish(SteadyTime last_call);
  /// Closes the connection if a deadline has passed, or its token is no longer valid. A client that owes the
  /// rest of a request is answered first.
  void enforce_deadline(SteadyTime now);
  /// Closes it now.
  void close() { connection_.close(); }

 private:
  /// Waits until the next request is whole. False: there is none, and a faulty one was answered.
  boost::asio::awaitable<bool> receive_request();
  /// Parses what was received. True: the request is whole; false: more is needed.
  std::expected<bool, HttpProblem> parse();
  /// The problem of the head of a request, before its body is read.
  std::optional<HttpProblem> check_head();
  void identify();
  /// Delays the answer to a client that sent an invalid token.
  boost::asio::awaitable<void> slow_down();
  /// 401 or 403 where the caller may not ask this.
  [[nodiscard]] std::optional<HttpProblem> authorize(std::optional<Scope> scope) const;
  /// 409 where the positions of the request are of another life of the log.
  [[nodiscard]] std::optional<HttpProblem> check_life(const HttpAsk& ask) const;
  [[nodiscard]] std::string life() const;
  boost::asio::awaitable<bool> receive();
  boost::asio::awaitable<void> handle(HttpRouted routed);
  boost::asio::awaitable<void> answer(HttpAnswer ready);
  boost::asio::awaitable<void> answer(HttpQuestion question);
  boost::asio::awaitable<void> answer(HttpExplain asked);
  boost::asio::awaitable<Reply> reply_to(HttpQuestion& question);
  boost::asio::awaitable<void> execute(HttpCommand asked);
  boost::asio::awaitable<void> execute(HttpBatch asked);
  /// Prepares a command for the ledger, or returns why it is not given to it.
  std::optional<Failure> prepare(Command& command);
  void answer_batch(std::span<const Answer> answers);
  /// The lines of the order that an accepted command is about, or those that the command had.
  [[nodiscard]] const Lines& lines_of(const AskedCommand& asked, const Answer& answer) const;
  boost::asio::awaitable<void> follow(HttpFollow asked);
  boost::asio::awaitable<void> stream_events(const HttpFollow& asked);
  boost::asio::awaitable<void> send_heartbeats(const HttpFollow& asked);
  boost::asio::awaitable<void> end();
  [[nodiscard]] HttpAnswer answer_to_probe(HttpProbe probe) const;

  [[nodiscard]] HttpFraming framing() const;
  void send(const HttpAnswer& answer);
  void send(const HttpAnswer& answer, const HttpFraming& framing);
  void send_piece(std::string_view piece);
  void log(const HttpRequest& request, const HttpAnswer& answer, std::size_t bytes) const;
  void refuse(const HttpProblem& problem);
  /// The body of the request counts as memory of the connection.
  void account_for_body();

  const std::shared_ptr<const TlsContext> tls_context_;
  const HttpContext& context_;
  Connection connection_;
  std::optional<HttpParser> parser_;
  bool head_checked_ = false;              ///< The head of the request was checked.
  std::optional<Caller> caller_;           ///< Known once the head was checked; empty: a token is needed.
  std::optional<NoEntry> no_entry_;        ///< Why the token of the request is invalid.
  std::uint64_t access_revision_ = 0;      ///< At which the caller was identified.
  SteadyTime whole_;                       ///< When the request was complete.
  AskedCommand asked_;                     ///< The command in flight.
  std::vector<AskedCommand> asked_batch_;  ///< The batch in flight; empty: none is.
  std::vector<EarlyAnswer> early_;         ///< Its answers so far.
  bool in_flight_ = false;
  GlobalPosition reached_;  ///< The client has every event that it asked for up to here.
  SteadyTime last_piece_;
  bool goes_on_ = true;  ///< The connection stays open after this answer.
  bool late_ = false;    ///< The rest of the request did not arrive in time.
};

}  // namespace stockfold
