// The part of a session that streams events to a client.
#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

#include "server/http/event_stream.h"
#include "server/http/malformed.h"
#include "server/http/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

awaitable<void> HttpSession::follow(HttpFollow asked) {
  using asio::experimental::awaitable_operators::operator||;
  context_.metrics.count(asked.counted_as);
  if (const auto late = co_await context_.queries.wait_for(asked.wait_for)) {
    context_.metrics.count(*late);
    co_return send(answer_to(*late));
  }
  if (const auto beyond = context_.queries.beyond_the_end(asked.what.events.from)) {
    context_.metrics.count(*beyond);
    // A reader of this life has seen those events, so the log has lost them.
    co_return send(asked.life.empty() ? answer_to(*beyond) : answer_to(another_life(beyond->detail)));
  }
  goes_on_ = false;
  connection_.enter(ConnectionPhase::stream);
  HttpFraming head = framing();
  head.streams = true;
  send(answer_to(asked), head);
  if (head.without_body) co_return;
  asked.what.events.from = std::max(asked.what.events.from, GlobalPosition(1));
  reached_ = GlobalPosition(asked.what.events.from.value() - 1);
  send_piece(heartbeat(asked, reached_,
                       life()));  // some proxies forward the head only with the first piece of the body
  connection_.received().consume(empty_lines(connection_.received().bytes()));
  co_await (stream_events(asked) || send_heartbeats(asked) || connection_.until_spoken());
  send_piece({});
}

awaitable<void> HttpSession::stream_events(const HttpFollow& asked) {
  while (!connection_.finishing() && !connection_.closed()) {
    const auto next = co_await context_.queries.next_events(asked.what, reached_.next());
    if (!next) break;
    const auto* events = std::get_if<EventsReply>(&*next);
    if (events == nullptr) co_return close();  // without the last piece: the stream was cut off
    const std::string text = streamed(asked, *events, life());
    if (!text.empty()) send_piece(text);
    if (events->next) reached_ = GlobalPosition(events->next->value() - 1);
    if (connection_.pending()) co_await connection_.sent();
  }
}

/// Heartbeats keep proxies from closing an idle stream, and let the ledger detect a broken connection. A
/// reader that does not read gets none: its connection has a deadline.
awaitable<void> HttpSession::send_heartbeats(const HttpFollow& asked) {
  asio::steady_timer pause(connection_.executor());
  for (;;) {
    pause.expires_at(wake_up_for(last_piece_ + context_.heartbeat, context_.now));
    co_await pause.async_wait(asio::use_awaitable);
    if (connection_.pending()) last_piece_ = context_.now();
    if (context_.now() >= last_piece_ + context_.heartbeat) send_piece(heartbeat(asked, reached_, life()));
  }
}

}  // namespace stockfold
