// A connection whose client follows the log.
#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>
#include <variant>

#include "net/awaiting.h"
#include "server/http/malformed.h"
#include "server/http/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

awaitable<void> HttpSession::follow(HttpFollow asked) {
  using asio::experimental::awaitable_operators::operator||;
  context_.metrics.count(QueryKind::follow_events);
  if (const auto late = co_await context_.queries.wait_for(asked.wait_for)) {
    context_.metrics.count(*late);
    co_return send(answer_to(*late));
  }
  if (const auto beyond = context_.queries.beyond_the_end(asked.what.events.from)) {
    context_.metrics.count(*beyond);
    // What a reader of this life has seen can only be missing where the log lost it.
    co_return send(asked.life.empty() ? answer_to(*beyond) : answer_to(another_life(beyond->detail)));
  }
  goes_on_ = false;
  streams_ = true;
  HttpFraming head = framing();
  head.streams = true;
  send(answer_to(asked), head);
  if (head.without_body) co_return;
  asked.what.events.from = std::max(asked.what.events.from, GlobalPosition(1));
  reached_ = GlobalPosition(asked.what.events.from.value() - 1);
  send_piece(heartbeat(asked, reached_, life()));  // some proxies pass the head on with the first of the body
  const auto until_client_speaks = [this]() -> awaitable<void> {
    received_.consume(empty_lines(received_.bytes()));
    // What came with the request counts.
    if (!received_.bytes().empty() || (tls_ != nullptr && tls_->unfinished())) co_return;
    co_await socket_.async_wait(asio::ip::tcp::socket::wait_read, kAsTuple);
  };
  co_await (stream_events(asked) || send_heartbeats(asked) || until_client_speaks());
  send_piece({});
}

awaitable<void> HttpSession::stream_events(const HttpFollow& asked) {
  while (!finishing_ && !closed_) {
    const auto next = co_await context_.queries.next_events(asked.what, reached_.next());
    if (!next) break;
    const auto* events = std::get_if<EventsReply>(&*next);
    if (events == nullptr) co_return close();  // without the piece that would end it well
    const std::string text = streamed(asked, *events, life());
    if (!text.empty()) send_piece(text);
    if (events->next) reached_ = GlobalPosition(events->next->value() - 1);
    if (out_.pending()) co_await out_.taken();
  }
}

/// What stands between the ledger and a reader hears of it now and then, and so does the ledger of a reader
/// whose connection broke. A reader that takes nothing needs none: its connection has a deadline.
awaitable<void> HttpSession::send_heartbeats(const HttpFollow& asked) {
  asio::steady_timer pause(socket_.get_executor());
  for (;;) {
    pause.expires_at(last_piece_ + context_.heartbeat);
    co_await pause.async_wait(asio::use_awaitable);
    if (out_.pending()) last_piece_ = Clock::now();
    if (Clock::now() >= last_piece_ + context_.heartbeat) send_piece(heartbeat(asked, reached_, life()));
  }
}

}  // namespace stockfold
