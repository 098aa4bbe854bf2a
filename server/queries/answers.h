// What requests are answered with that are no commands: reads of what is there now, of the past, of the log.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "core/fault.h"
#include "net/position_gate.h"
#include "projections/following/late_views.h"
#include "projections/past.h"
#include "projections/views.h"
#include "protocol/messages.h"
#include "server/ledger/ledger.h"
#include "server/queries/reading_pace.h"
#include "storage/files/head_key.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Where answers come from; outlives them.
struct AnswerSources {
  const Ledger& ledger;
  const EventLog& log;
  const Views& views;
  const Past& past;
  PositionGate& head;           ///< Of the log.
  PositionGate& applied;        ///< Of the views.
  std::function<void()> hurry;  ///< Somebody waits for the views.
  const LateViews& late_views;
  const HeadKey& key;
  boost::asio::thread_pool& readers;         ///< Where reads that may go to disk are done: one thread.
  ReadingPace& pace;                         ///< Of that thread.
  std::function<void(const Fault&)> failed;  ///< A read found that the store cannot be trusted.
  std::chrono::milliseconds patience;        ///< That a read waits for its position.
};

/// All members are called on the network thread. Whatever goes wrong is an ErrorReply that does not close the
/// connection.
class Answers {
 public:
  explicit Answers(AnswerSources sources) : sources_(std::move(sources)) {}
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  /// The product or order that a request shows, where it is in memory and fresh enough; else nothing. It is
  /// what answer() would say.
  [[nodiscard]] std::optional<Reply> at_once(const Request& request) const;

  /// Waits for the position that the request is to see, and reads. Not for commands, hellos, and requests
  /// that take a connection over: those are errors.
  boost::asio::awaitable<Reply> answer(Request request);

  /// What a request is answered with as long as a view that it needs is being built.
  [[nodiscard]] std::optional<ErrorReply> not_ready(const Request& request) const;

  /// The next events of a subscription from `from` on, once the log has any or at `until`, whichever is
  /// first: an EventsReply whose `next` is always set and which may hold none that are wanted, or an error.
  /// No types: all of them. Nothing where the ledger shuts down.
  boost::asio::awaitable<std::optional<Reply>> next_events(
      const FollowTypes& request, GlobalPosition from,
      std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

  /// Waits until the log is at a position; the error says that it was not in time.
  boost::asio::awaitable<std::optional<ErrorReply>> wait_for(GlobalPosition position);

  /// Of a subscription: nothing where the log holds what is before `from`.
  [[nodiscard]] std::optional<ErrorReply> beyond_the_end(GlobalPosition from) const;

  [[nodiscard]] HeadReply head() const;

  /// What a read that met `fault` is answered with; the ledger stops.
  [[nodiscard]] ErrorReply failed(const Fault& fault) const;

 private:
  template <class Show>
  [[nodiscard]] std::optional<Reply> known(const Show& show) const;
  template <class Read>
  boost::asio::awaitable<Reply> read_now(Read request);
  /// What `read` returns, by the reading thread.
  template <class Read>
  auto read_beside(Read read) -> boost::asio::awaitable<decltype(read())>;
  template <class Read>
  boost::asio::awaitable<bool> visible(const Read& request);
  boost::asio::awaitable<Reply> read_past(At request);
  boost::asio::awaitable<Reply> say(Reply reply) const;

  AnswerSources sources_;
};

}  // namespace stockfold
