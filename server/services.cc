#include "server/services.h"

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>

#include "storage/codec/wall_clock.h"

namespace stockfold {

namespace {

ListenerShared listener_shared(const ServiceParts& parts) {
  return {.io = parts.io, .rejected = parts.shared.rejected, .session_ended = parts.session_ended};
}

SessionContext tcp_context(const ServiceParts& parts) {
  Engine& engine = parts.engine;
  return {
      .writer = engine.writer(),
      .log = engine.store().log(),
      .queries = engine.queries(),
      .rebuild = engine.rebuild(),
      .checkpoint = engine.checkpoint(),
      .entrance = parts.shared.entrance,
      .reserve = engine.reserve(),
      .memory = parts.shared.memory,
      .metrics = parts.shared.metrics,
      .limits = parts.options.session,
  };
}

HttpContext http_context(const ServiceParts& parts, HttpService& service, HttpTurns& turns,
                         std::function<std::string()> metrics_text) {
  Engine& engine = parts.engine;
  return {
      .writer = engine.writer(),
      .ledger = engine.ledger(),
      .queries = engine.queries(),
      .entrance = parts.shared.entrance,
      .guard = service.guard,
      .reserve = engine.reserve(),
      .memory = parts.shared.memory,
      .turns = turns,
      .metrics = parts.shared.metrics,
      .date = service.date,
      .readiness = [&engine] { return engine.readiness(); },
      .metrics_text = std::move(metrics_text),
      .timeout = parts.options.http_timeout,
      .idle = parts.options.http_idle_timeout,
      .heartbeat = parts.options.http_heartbeat,
  };
}

}  // namespace

SharedByProtocols::SharedByProtocols(const ServerOptions& options)
    : entrance{.access = Access(wall_clock),
               .failed_log_ins = {},
               .log_in_complaints = {},
               .tls_complaints = {}},
      access_files(options.tls, token_file_of(options), entrance.access),
      memory(options.session.memory) {}

TcpService::TcpService(const ServiceParts& parts)
    : access_files(parts.shared.access_files),
      context(tcp_context(parts)),
      listener(listener_shared(parts), parts.options.max_connections, parts.shared.metrics.tcp,
               [this](boost::asio::ip::tcp::socket socket) {
                 const auto& tls = access_files.tcp_tls();
                 return std::make_shared<Session>(std::move(socket), tls ? tls->accept() : nullptr, context);
               }) {}

void TcpService::start() {
  listener.start(access_files.tcp_tls() ? std::string() : RejectedConnections::farewell());
}

HttpService::HttpService(const ServiceParts& parts, HttpTurns& turns,
                         std::function<std::string()> metrics_text)
    : access_files(parts.shared.access_files),
      guard(parts.options.http_guard),
      date(wall_clock),
      context(http_context(parts, *this, turns, std::move(metrics_text))),
      listener(listener_shared(parts), parts.options.max_http_connections, parts.shared.metrics.http,
               [this](boost::asio::ip::tcp::socket socket) {
                 return std::make_shared<HttpSession>(std::move(socket), access_files.http_tls(), context);
               }) {}

void HttpService::start() {
  listener.start(access_files.http_tls() ? std::string() : RejectedConnections::http_farewell());
}

}  // namespace stockfold
