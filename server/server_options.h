// What an operator may set of a server, and whether that lets in only those who may get in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "net/tls.h"
#include "server/engine/engine.h"
#include "server/http/guard.h"
#include "server/tcp/session.h"
#include "storage/engine/store.h"

namespace stockfold {

struct ServerOptions {
  std::filesystem::path data;
  std::string host = "127.0.0.1";
  std::uint16_t port = 7070;  ///< 0 picks a free one.
  std::string http_host = "127.0.0.1";
  std::uint16_t http_port = 8000;        ///< 0 picks a free one.
  std::size_t max_connections = 10'000;  ///< TCP connections; further ones are rejected.
  /// HTTP connections have a limit of their own: probes are answered while clients crowd the ledger.
  std::size_t max_http_connections = 1'024;
  std::optional<TlsServerOptions> tls;  ///< TLS on both ports; empty: on neither.
  std::filesystem::path tokens;         ///< The file of tokens; empty: tokens.json in the data directory.
  HttpGuardOptions http_guard;
  std::chrono::milliseconds http_timeout{10'000};       ///< For a whole HTTP request, and for the first one.
  std::chrono::milliseconds http_idle_timeout{75'000};  ///< From an answer to the next request.
  std::chrono::milliseconds http_heartbeat{15'000};     ///< Between two heartbeats to readers of events.
  std::chrono::milliseconds shutdown{10'000};           ///< How long clients may take their last replies.
  /// Called once, by Server::run(), when the server takes no more.
  std::function<void()> stopping = [] {};
  std::string version;   ///< The program's version, for the metrics.
  StoreOptions store;    ///< Without views: the server names them.
  EngineOptions engine;  ///< The server sets its `patience` to session.read.
  SessionLimits session;
};

/// The file of tokens: the one that is named, else tokens.json in the data directory.
[[nodiscard]] std::filesystem::path token_file_of(const ServerOptions& options);

/// Reads certificates and tokens. An error says why a ledger with these options would let in callers that
/// must not get in (see check_exposure()), or would let in none. A file of tokens that is named must exist.
[[nodiscard]] std::expected<void, std::string> check_access(const ServerOptions& options);

}  // namespace stockfold
