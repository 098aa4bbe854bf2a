// The two protocols that a server speaks: what their sessions work with, and their listeners.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "net/connection_memory.h"
#include "server/access/access.h"
#include "server/access/access_files.h"
#include "server/engine/engine.h"
#include "server/http/date.h"
#include "server/http/guard.h"
#include "server/http/session.h"
#include "server/http/turns.h"
#include "server/listener.h"
#include "server/metrics/metrics.h"
#include "server/rejected_connections.h"
#include "server/server_options.h"
#include "server/tcp/session.h"

namespace stockfold {

/// What both protocols share, besides the engine.
struct SharedByProtocols {
  explicit SharedByProtocols(const ServerOptions& options);
  SharedByProtocols(const SharedByProtocols&) = delete;
  SharedByProtocols& operator=(const SharedByProtocols&) = delete;

  Metrics metrics;
  Entrance entrance;
  AccessFiles access_files;
  ConnectionMemory memory;
  RejectedConnections rejected;
};

/// What a protocol is served with. Everything named outlives the service.
struct ServiceParts {
  boost::asio::io_context& io;
  const ServerOptions& options;
  SharedByProtocols& shared;
  Engine& engine;
  std::function<void()> session_ended;
};

/// The binary protocol.
struct TcpService {
  explicit TcpService(const ServiceParts& parts);

  /// Accepts connections, secured by TLS where the files of access have a certificate.
  void start();

  AccessFiles& access_files;
  const SessionContext context;
  Listener<Session> listener;
};

/// HTTP.
struct HttpService {
  HttpService(const ServiceParts& parts, HttpTurns& turns, std::function<std::string()> metrics_text);

  /// As TcpService::start().
  void start();

  AccessFiles& access_files;
  HttpGuard guard;
  HttpDate date;
  const HttpContext context;
  Listener<HttpSession> listener;
};

}  // namespace stockfold
