// The server: an engine, the listeners for both protocols, and their sessions.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "net/tls.h"
#include "server/access/access.h"
#include "server/access/access_files.h"
#include "server/engine/engine.h"
#include "server/engine/open_views.h"
#include "server/engine/stand_in.h"
#include "server/http/guard.h"
#include "server/http/session.h"
#include "server/metrics/metrics.h"
#include "server/metrics/metrics_text.h"
#include "server/metrics/sampler.h"
#include "server/tcp/session.h"
#include "server/too_many.h"
#include "storage/engine/engine.h"

namespace stockfold {

struct ServerOptions {
  std::filesystem::path data;
  std::string host = "127.0.0.1";
  std::uint16_t port = 7070;  ///< 0 picks a free one.
  std::string http_host = "127.0.0.1";
  std::uint16_t http_port = 8000;            ///< 0 picks a free one.
  std::size_t max_connections = 10'000;      ///< Of clients; further ones are turned away.
  std::size_t max_http_connections = 1'024;  ///< Of their own: probes are answered where clients crowd.
  std::optional<TlsServerOptions> tls;       ///< On both ports; empty: neither speaks it.
  std::filesystem::path tokens;              ///< Their file; empty: tokens.json in the data directory.
  HttpGuardOptions http_guard;
  std::chrono::milliseconds http_timeout{10'000};       ///< For a whole HTTP request, and to the first one.
  std::chrono::milliseconds http_idle_timeout{75'000};  ///< From an answer to the next request.
  std::chrono::milliseconds http_heartbeat{15'000};     ///< To readers of events, between two of them.
  std::chrono::milliseconds shutdown{10'000};           ///< How long clients have to take their last replies.
  /// Called once, by run(), when no more is taken.
  std::function<void()> stopping = [] {};
  std::string version;   ///< Of the program, for whoever reads the metrics.
  StoreOptions store;    ///< Without views: the server names them.
  EngineOptions engine;  ///< Its `patience` is session.read.
  SessionLimits session;
};

/// Whether a ledger with these options would let in who should not get in, see check_exposure(), or nobody:
/// reads certificates and tokens. Where a file of tokens is named, it has to be there.
[[nodiscard]] std::expected<void, std::string> check_access(const ServerOptions& options);

class Server {
 public:
  /// Opens the store, brings its views to the head, but for those that are built while it serves, and
  /// listens. Busy, damaged and newer stores are faults, and so are an address that cannot be listened on, or
  /// that must not be (check_access()), and certificates and tokens that cannot be read.
  static Result<std::unique_ptr<Server>> open(const StorageEngine& storage, ServerOptions options,
                                              const CatchUpProgress& progress);

  /// Where it listens, with the port that was picked.
  [[nodiscard]] boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
  [[nodiscard]] boost::asio::ip::tcp::endpoint http_endpoint() const { return http_endpoint_; }
  [[nodiscard]] GlobalPosition position() const { return engine_->head(); }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const { return engine_->store().torn_tail(); }

  /// Serves until stop(), SIGTERM or SIGINT: then it takes no more connections and requests, answers what it
  /// has, hears its clients out, closes, and returns; at a second signal it closes at once. Returns a fault
  /// where the store failed. SIGHUP has it open its log file again, and read certificates and tokens again;
  /// tokens it reads again by itself, too, when their file was changed. Once.
  Result<void> run();
  /// Any thread.
  void stop();

 private:
  using Tcp = boost::asio::ip::tcp;

  /// HTTP connections that pipeline and have a turn between two commits: however many of them ask without
  /// end, others are served.
  static constexpr int kHttpTurns = 4;

  explicit Server(ServerOptions options);
  Result<void> make_engine(std::unique_ptr<Store> store, const CatchUpProgress& progress);
  [[nodiscard]] SessionContext tcp_context();
  [[nodiscard]] HttpContext http_context();

  /// Starts a session for every connection, as long as fewer than `most` of `sessions` are there.
  template <class Sessions>
  boost::asio::awaitable<void> accept(Tcp::acceptor& acceptor, const Sessions& sessions, std::size_t most,
                                      void (Server::*start)(Tcp::socket), std::string farewell,
                                      ConnectionCounts& counts);
  boost::asio::awaitable<void> enforce_deadlines();
  void await_end();
  void await_reload();
  void report_complaints();
  void start_session(Tcp::socket socket);
  void start_http_session(Tcp::socket socket);
  void session_ended();
  void enforce_shutdown(std::chrono::steady_clock::time_point now);
  [[nodiscard]] Readings readings() const;
  [[nodiscard]] double view_lag_seconds() const;
  void serve();
  void fail(const Fault& fault);
  /// Begins it as soon as no commit is under way.
  void shut_down();
  void begin_shutdown();

  // In this order they are made, and in the opposite one they go: whoever uses another goes first.
  ServerOptions options_;
  boost::asio::io_context io_{1};
  StandIn stand_in_{io_, [this] { http_turns_.give(kHttpTurns); }};
  Metrics metrics_;
  std::unique_ptr<Engine> engine_;
  std::optional<Sampler> sampler_;
  Entrance entrance_;
  HttpGuard http_guard_;
  AccessFiles access_files_;
  ConnectionMemory connection_memory_;
  std::optional<SessionContext> context_;
  HttpTurns http_turns_{io_};
  HttpDate http_date_;
  std::optional<HttpContext> http_context_;

  Tcp::acceptor acceptor_{io_};
  Tcp::endpoint endpoint_;
  Tcp::acceptor http_acceptor_{io_};
  Tcp::endpoint http_endpoint_;
  boost::asio::signal_set signals_{io_};
  boost::asio::signal_set reload_signals_{io_};
  boost::asio::steady_timer sweep_{io_};
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::unordered_set<std::shared_ptr<HttpSession>> http_sessions_;
  std::uint64_t turned_away_ = 0;  ///< Connections, since that was last said.
  TooMany too_many_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point no_more_;    ///< Once stopping_: what still waits then is not done.
  std::chrono::steady_clock::time_point last_call_;  ///< Once stopping_: what is still open then is closed.
  std::optional<Fault> fault_;
};

}  // namespace stockfold
