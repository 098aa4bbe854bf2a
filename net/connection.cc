#include "net/connection.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "net/address.h"
#include "net/awaiting.h"
#include "net/drain.h"
#include "net/keepalive.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

bool Connection::prepare(Tcp::socket& socket) {
  boost::system::error_code error;
  socket.set_option(Tcp::no_delay(true), error);
  if (!error) keep_alive(socket, error);  // a subscriber may be silent for days
  if (!error) socket.non_blocking(true, error);
  return !error;
}

Connection::Connection(Tcp::socket socket, std::unique_ptr<TlsStream> tls, ConnectionPhase phase,
                       const ConnectionTimes& times, const ConnectionShared& shared)
    : socket_(std::move(socket)),
      tls_(std::move(tls)),
      times_(times),
      shared_(shared),
      out_(socket_, tls_.get(), times.write, shared.now, shared.counts.sent_bytes),
      changed_(socket_.get_executor(), SteadyTime::max()),
      memory_(shared.memory),
      phase_(phase),
      deadline_(shared.now() + times.first) {}

// ---- what came --------------------------------------------------------------------------------------------

bool Connection::has_begun() const {
  return !received_.bytes().empty() || (tls_ != nullptr && tls_->unfinished());
}

bool Connection::has_input() {
  boost::system::error_code closed;  // a closed socket has none
  return has_begun() || socket_.available(closed) > 0;
}

awaitable<bool> Connection::receive(ConnectionPhase phase) {
  flush();
  if (out_.pending()) {
    co_await out_.taken();  // a client that does not read its answers is given no further ones
  }
  account();
  if (finishing_) co_return false;
  enter(phase);
  const auto room = received_.room();
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(room.data(), at_once(tls_.get(), room.size())),
                                       asio::bind_cancellation_slot(stop_receiving_.slot(), kAsTuple));
  if (error) co_return false;
  const bool more = take(room, count);
  co_return more;
}

/// Of `count` bytes that were read into `room`. False: TLS has ended, or is broken.
bool Connection::take(std::span<const char> room, std::size_t count) {
  shared_.counts.received_bytes += count;
  if (tls_ == nullptr) {
    received_.fill(count);
  } else if (!tls_->open(received_, room, count)) {
    if (!tls_->what().empty()) shared_.counts.count(CloseReason::tls);
    return false;
  }
  account();
  return true;
}

void Connection::stop_receiving() { stop_receiving_.emit(asio::cancellation_type::all); }

bool Connection::has_spoken() {
  if (!received_.bytes().empty()) return true;
  if (ended_ || closed_) return false;
  const auto room = received_.room();
  boost::system::error_code error;
  const std::size_t count =
      socket_.read_some(asio::buffer(room.data(), at_once(tls_.get(), room.size())), error);
  if (error == asio::error::would_block) return false;
  ended_ = error || !take(room, count);
  return !received_.bytes().empty();
}

awaitable<void> Connection::until_spoken() {
  while (!has_spoken() && !ended_ && !closed_) {
    const auto [error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAsTuple);
    if (error) co_return;
  }
}

std::string_view Connection::tls_fault() const {
  return tls_ == nullptr ? std::string_view() : std::string_view(tls_->what());
}

// ---- what goes --------------------------------------------------------------------------------------------

void Connection::flush() {
  if (closed_) return;
  if (!out_.flush()) return close();
  if (out_.pending()) account();
}

awaitable<void> Connection::sent() {
  co_await out_.taken();
  account();
}

// ---- limits -----------------------------------------------------------------------------------------------

void Connection::account() {
  if (!closed_ && !memory_.hold(received_.held() + out_.held() + others_)) close(CloseReason::memory);
}

void Connection::enter(ConnectionPhase phase) {
  const bool was_at_rest = phase_ == ConnectionPhase::answer || phase_ == ConnectionPhase::stream;
  if (phase == ConnectionPhase::answer || phase == ConnectionPhase::stream) {
    deadline_ = SteadyTime::max();
  } else if (phase == ConnectionPhase::request && phase_ != ConnectionPhase::request) {
    deadline_ = shared_.now() + times_.request;
  } else if (phase == ConnectionPhase::idle && was_at_rest) {
    deadline_ = shared_.now() + times_.idle;
  }
  phase_ = phase;
}

void Connection::enforce_deadline(SteadyTime now, bool owes) {
  if (is_not_reading(now)) return close(CloseReason::not_reading);
  if (!owes || now <= deadline_) return;
  if (draining_) return close();
  close(CloseReason::silent);
}

// ---- waiting ----------------------------------------------------------------------------------------------

awaitable<std::tuple<boost::system::error_code>> Connection::wait() {
  waiting_ = true;
  return changed_.async_wait(kAsTuple);
}

void Connection::wake() {
  if (std::exchange(waiting_, false)) changed_.cancel();
}

awaitable<void> Connection::pause(std::chrono::milliseconds time) {
  if (finishing_ || closed_) co_return;
  changed_.expires_after(time);
  co_await wait();
  changed_.expires_at(SteadyTime::max());
}

// ---- the end ----------------------------------------------------------------------------------------------

/// What is not read stays in the system until drain_input().
void Connection::finish(SteadyTime last_call, bool is_owed, std::chrono::milliseconds otherwise) {
  const bool owes_us = phase_ == ConnectionPhase::request || !received_.bytes().empty();
  const bool is_expected =
      is_owed || phase_ == ConnectionPhase::answer || owes_us || out_.pending() || is_busy(socket_);
  finishing_ = true;
  last_call_ = is_expected ? last_call : std::min(last_call, shared_.now() + otherwise);
  stop_receiving();
  wake();
}

awaitable<void> Connection::send_end() { return out_.end(); }

awaitable<void> Connection::drain_input(std::chrono::milliseconds time) {
  received_ = {};
  others_ = 0;
  account();
  draining_ = true;
  deadline_ = finishing_ ? last_call_ : shared_.now() + time;
  if (!closed_) co_await drain(socket_, shared_.counts.received_bytes);
}

void Connection::close(CloseReason reason) {
  if (!closed_) shared_.counts.count(reason);
  close();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  out_.say_goodbye();
  boost::system::error_code ignored;  // closing is best effort
  socket_.shutdown(Tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  out_.stop();
  wake();
}

std::string Connection::address() const { return address_of(socket_); }

}  // namespace stockfold
