// How a server ends: it answers the requests that it has read, and its clients have time to read that.
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "server/ledger/admit.h"
#include "server/server.h"

namespace stockfold {

namespace asio = boost::asio;

void Server::stop() {
  asio::post(io_, [this] { shut_down(); });
}

void Server::fail(const Fault& fault) {
  asio::post(io_, [this, fault] {
    if (fault_) return;
    const std::string where =
        fault.position == GlobalPosition(0) ? "" : fmt::format(" at position {}", fault.position.value());
    spdlog::critical("the store failed{}: {}; stopping", where, fault.what);
    fault_ = fault;
    shut_down();
  });
}

void Server::await_end() {
  signals_.end.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    engine_->between_commits().run([this] {
      if (shutdown_.begun) shutdown_.no_more = shutdown_.last_call = {};
      begin_shutdown();
    });
    await_end();
  });
}

/// The clients of a commit that waits for its sync have their time to read once it has ended.
void Server::shut_down() {
  engine_->between_commits().run([this] { begin_shutdown(); });
}

void Server::begin_shutdown() {
  if (shutdown_.begun) return;
  options_.stopping();
  const auto begun = std::chrono::steady_clock::now();
  shutdown_ = {
      .begun = true, .no_more = begun + options_.shutdown / 2, .last_call = begun + options_.shutdown};
  boost::system::error_code ignored;  // what cannot be canceled is not waited for
  signals_.reload.cancel(ignored);
  tcp_->listener.stop(shutdown_.last_call);
  http_->listener.stop(shutdown_.last_call);
  engine_->end_waits();
  next_sweep_.cancel();
}

void Server::session_ended() {
  if (shutdown_.begun && !has_sessions()) next_sweep_.cancel();
}

void Server::enforce_shutdown(std::chrono::steady_clock::time_point now) {
  if (engine_->between_commits().under_way()) return;
  if (now > shutdown_.no_more && engine_->writer().pending()) {
    engine_->writer().refuse_waiting(shutting_down());
  }
  if (now <= shutdown_.last_call) return;
  tcp_->listener.close_connections();
  http_->listener.close_connections();
}

}  // namespace stockfold
