#include "net/outgoing.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "net/awaiting.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

/// The most memory that an empty buffer keeps.
constexpr std::size_t kKeptBytes = 16U << 10;

void clear(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) std::string().swap(buffer);
}

}  // namespace

Outgoing::Outgoing(asio::ip::tcp::socket& socket, TlsStream* tls, std::chrono::milliseconds patience,
                   const SteadyClock& now, std::uint64_t& sent)
    : socket_(socket),
      tls_(tls),
      patience_(patience),
      now_(now),
      sent_(sent),
      changed_(socket.get_executor(), SteadyTime::max()) {}

bool Outgoing::flush() {
  if (stopped_ || !writing_.empty()) return true;
  if (tls_ != nullptr) tls_->seal(text_);
  if (text_.empty()) return true;
  boost::system::error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(text_), error);
  if (error && error != asio::error::would_block) return false;
  sent_ += sent;
  if (sent == text_.size()) {
    clear(text_);
    return true;
  }
  text_.erase(0, sent);
  std::swap(text_, writing_);
  deadline_ = now_() + patience_;
  const auto written = [this, owner = owner_.lock()](const std::exception_ptr& failure) {
    boost::system::error_code ignored;  // the session reads from it, or waits, and so finds its end
    if (failure) socket_.close(ignored);
    clear(writing_);
    changed_.cancel();
  };
  asio::co_spawn(socket_.get_executor(), write_rest(), written);
  return true;
}

awaitable<void> Outgoing::write_rest() {
  std::size_t written = 0;  // of writing_
  while (!writing_.empty() && !stopped_) {
    deadline_ = now_() + patience_;
    const auto [error, sent] = co_await socket_.async_write_some(asio::buffer(writing_) + written, kAsTuple);
    if (error) {
      boost::system::error_code ignored;  // as above
      socket_.close(ignored);
      co_return;
    }
    sent_ += sent;
    written += sent;
    if (written < writing_.size()) continue;
    writing_.clear();
    if (tls_ != nullptr) tls_->seal(text_);
    std::swap(text_, writing_);
    written = 0;
  }
}

awaitable<void> Outgoing::taken() {
  while (!writing_.empty() && !stopped_) {
    co_await changed_.async_wait(kAsTuple);
  }
}

awaitable<void> Outgoing::end() {
  bool sends = flush();
  co_await taken();
  if (sends && tls_ != nullptr && !stopped_) {
    tls_->say_goodbye();
    sends = flush();
    co_await taken();
  }
  if (!sends || stopped_) co_return;
  boost::system::error_code ignored;  // the client may be gone already
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Outgoing::say_goodbye() {
  if (tls_ == nullptr || stopped_ || !writing_.empty()) return;
  clear(text_);
  tls_->say_goodbye();
  tls_->seal(text_);
  boost::system::error_code ignored;  // the client may be gone already
  socket_.write_some(asio::buffer(text_), ignored);
  clear(text_);
}

void Outgoing::stop() {
  stopped_ = true;
  clear(text_);
  changed_.cancel();
}

}  // namespace stockfold
