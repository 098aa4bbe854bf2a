// Answers requests that are not commands: reads of the present, of the past and of the log.
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

/// What queries read. Every part must outlive them.
struct QuerySources {
  const Ledger& ledger;
  const EventLog& log;
  const Views& views;
  const Past& past;
  PositionGate& head;           ///< The end of the log.
  PositionGate& applied;        ///< Where the views are.
  std::function<void()> hurry;  ///< A read waits for the views.
  const LateViews& late_views;
  const HeadKey& key;
  boost::asio::thread_pool& readers;         ///< One thread, for reads that may go to the disk.
  ReadingPace& pace;                         ///< The pace of that thread.
  std::function<void(const Fault&)> failed;  ///< A read found that the store cannot be trusted.
  std::chrono::milliseconds patience;        ///< How long a read waits for its position.
};

/// All members are called on the serving thread. A failure is an ErrorReply that does not close the
/// connection.
class Queries {
 public:
  explicit Queries(QuerySources sources) : sources_(std::move(sources)) {}
  Queries(const Queries&) = delete;
  Queries& operator=(const Queries&) = delete;

  /// The product or order that a request shows, if it is in memory and fresh enough; empty otherwise. Equals
  /// the reply of answer().
  [[nodiscard]] std::optional<Reply> at_once(const Request& request) const;

  /// Waits for the position that the request must see, then reads. Commands, hellos and requests that take
  /// over a connection are errors.
  boost::asio::awaitable<Reply> answer(Request request);

  /// The error for a request that needs a view which is still being built; empty if every view that it needs
  /// is ready.
  [[nodiscard]] std::optional<ErrorReply> not_ready(const Request& request) const;

  /// The next events of a subscription, from `from` on: returns once the log has any, or at `until`. The
  /// reply is an error or an EventsReply. Its `next` is always set, and it may hold no event of the wanted
  /// types. No types means all types. Empty if the ledger shuts down.
  boost::asio::awaitable<std::optional<Reply>> next_events(
      const FollowTypes& request, GlobalPosition from,
      std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

  /// Waits until the log reaches a position. Returns an error if it does not within QuerySources::patience.
  boost::asio::awaitable<std::optional<ErrorReply>> wait_for(GlobalPosition position);

  /// The error for a subscription that begins beyond the end of the log; empty if it does not.
  [[nodiscard]] std::optional<ErrorReply> beyond_the_end(GlobalPosition from) const;

  [[nodiscard]] HeadReply head() const;

  /// The reply to a read that met `fault`. Reports the fault, and so stops the ledger.
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
  boost::asio::awaitable<Reply> read_history(ShowOrderHistory request);
  boost::asio::awaitable<Reply> read_past(At request);
  boost::asio::awaitable<Reply> say(Reply reply) const;

  QuerySources sources_;
};

}  // namespace stockfold
