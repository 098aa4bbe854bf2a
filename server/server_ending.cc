// How a server ends: what it has read is done and answered, and its clients have time to read that.
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "server/ledger/admit.h"
#include "server/server.h"

namespace stockfold {

namespace asio = boost::asio;

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
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    engine_->between_commits().run([this] {
      if (stopping_) no_more_ = last_call_ = {};
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
  if (stopping_) return;
  stopping_ = true;
  options_.stopping();
  const auto begun = std::chrono::steady_clock::now();
  no_more_ = begun + options_.shutdown / 2;
  last_call_ = begun + options_.shutdown;
  boost::system::error_code ignored;  // what cannot be cancelled is not waited for
  reload_signals_.cancel(ignored);
  acceptor_.close(ignored);
  http_acceptor_.close(ignored);
  for (const auto& session : sessions_) session->finish(last_call_);
  for (const auto& session : http_sessions_) session->finish(last_call_);
  engine_->end_waits();
  sweep_.cancel();
}

void Server::session_ended() {
  if (stopping_ && sessions_.empty() && http_sessions_.empty()) sweep_.cancel();
}

void Server::enforce_shutdown(std::chrono::steady_clock::time_point now) {
  if (engine_->between_commits().under_way()) return;
  if (now > no_more_ && engine_->writer().pending()) engine_->writer().refuse_waiting(shutting_down());
  if (now <= last_call_) return;
  for (const auto& session : sessions_) session->close();
  for (const auto& session : http_sessions_) session->close();
}

}  // namespace stockfold
