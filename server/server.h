// The server: an engine, the services of both protocols, and an orderly end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/fault.h"
#include "server/commit_loop.h"
#include "server/engine/engine.h"
#include "server/engine/open_views.h"
#include "server/metrics/sampler.h"
#include "server/server_options.h"
#include "server/services.h"
#include "storage/engine/engine.h"

namespace stockfold {

class Server {
 public:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  /// Opens the store, makes an engine on it, and listens. Faults: a store that is busy, damaged or of a newer
  /// format; an address that cannot be listened on, or must not be (check_access()); certificates or tokens
  /// that cannot be read.
  static Result<std::unique_ptr<Server>> open(const StorageEngine& storage, ServerOptions options,
                                              const CatchUpProgress& progress);

  /// Where it listens, with the port that was picked.
  [[nodiscard]] Endpoint endpoint() const { return tcp_->listener.endpoint(); }
  [[nodiscard]] Endpoint http_endpoint() const { return http_->listener.endpoint(); }
  [[nodiscard]] GlobalPosition position() const { return engine_->head(); }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const { return engine_->store().torn_tail(); }

  /// Serves until stop(), SIGTERM or SIGINT. Then it takes no more connections and requests, answers the
  /// requests that it has, lets its clients read their answers, closes, and returns. At a second signal it
  /// closes at once. Returns a fault if the store failed. Once.
  ///
  /// At SIGHUP it opens its log file again, and reads certificates and tokens again. Tokens that changed it
  /// also reads without a signal.
  Result<void> run();
  /// Any thread.
  void stop();

 private:
  /// SIGTERM and SIGINT; SIGHUP.
  struct Signals {
    boost::asio::signal_set end;
    boost::asio::signal_set reload;
  };
  struct Shutdown {
    bool begun = false;
    std::chrono::steady_clock::time_point no_more;    ///< Commands that still wait then are refused.
    std::chrono::steady_clock::time_point last_call;  ///< Connections that are still open then are closed.
  };

  explicit Server(ServerOptions options);
  Result<void> make_engine(std::unique_ptr<Store> store, const CatchUpProgress& progress);
  Result<void> listen();

  boost::asio::awaitable<void> sweep();
  void log_rejections();
  [[nodiscard]] std::string metrics_text() const;
  [[nodiscard]] bool has_sessions() const { return tcp_->listener.open() + http_->listener.open() > 0; }

  void await_end();
  void await_reload();
  void fail(const Fault& fault);
  /// Calls begin_shutdown() as soon as no commit is under way.
  void shut_down();
  void begin_shutdown();
  void enforce_shutdown(std::chrono::steady_clock::time_point now);
  void session_ended();

  // Made in this order and destroyed in the opposite one: what uses another member comes behind it.
  ServerOptions options_;
  boost::asio::io_context io_{1};
  CommitLoop loop_{io_};
  SharedByProtocols shared_;
  std::unique_ptr<Engine> engine_;
  std::optional<Sampler> sampler_;
  std::optional<TcpService> tcp_;
  std::optional<HttpService> http_;
  Signals signals_{boost::asio::signal_set(io_), boost::asio::signal_set(io_)};
  boost::asio::steady_timer next_sweep_{io_};
  Shutdown shutdown_;
  std::optional<Fault> fault_;
};

}  // namespace stockfold
