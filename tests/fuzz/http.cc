// Bytes of an HTTP connection, sent to a real session on a socket, in front of a ledger in memory.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "fuzz/input.h"
#include "fuzz/targets.h"
#include "projections/views.h"
#include "server/engine/engine.h"
#include "server/http/malformed.h"
#include "server/http/session.h"
#include "server/ledger/admit.h"
#include "storage/log/memory_log.h"
#include "support/memory_engine.h"
#include "support/memory_views.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostPieces = 64;

/// The client of the commands that come before the connection.
class FirstClient final : public CommandSource {
 public:
  void answered(std::span<const Answer> answers) override {
    for (const Answer& answer : answers) {
      require(std::holds_alternative<Accepted>(answer.outcome), "the first commands are accepted");
    }
  }
  void flush() override {}
};

/// A ledger with product A, and order 1 in progress. Its views are at the head after every commit.
class LedgerInMemory {
 public:
  explicit LedgerInMemory(asio::io_context& io) : io_(io) {
    submit({.body = RegisterProduct{*Sku::parse("A"), "Anvil", 5}});
    submit({.body = PlaceOrder{*OrderId::parse("1"), {{*Sku::parse("A"), 1}}}});
    commit();
  }

  /// Commits what waits.
  void commit() {
    turns_.give(1);  // for which one connection may wait
    if (!engine_->writer().pending()) return;
    engine_->commit();
    while (engine_->follower().step(1'000).value() > 0) {
    }
  }
  [[nodiscard]] const HttpContext& context() const { return context_; }
  [[nodiscard]] asio::thread_pool& readers() { return engine_->readers(); }

 private:
  void submit(Command command) {
    require(!admit(command), "the first commands are well-formed");
    const bool is_queued = engine_->writer().submit(std::move(command), *first_, Writer::Turn::first);
    require(is_queued, "the first commands are queued");
  }

  [[nodiscard]] static EngineOptions options() {
    EngineOptions options = memory_engine_options([] { return UnixMillis(1'000); });
    options.patience = std::chrono::milliseconds(0);
    options.writer.max_view_lag = 50;
    return options;
  }

  asio::io_context& io_;
  const std::shared_ptr<FirstClient> first_ = std::make_shared<FirstClient>();
  MemoryLog log_{LedgerId{.bytes = {1}}};
  MemoryViewStore views_{view_names()};
  std::unique_ptr<Engine> engine_ =
      make_memory_engine(io_.get_executor(), log_, views_, options(), [](const Fault& fault) {
        throw BrokenPromise(fault.what);
      }).value();
  Entrance entrance_{.access = Access([] { return UnixMillis(1'000); }),
                     .failed_log_ins = {},
                     .log_in_complaints = {},
                     .tls_complaints = {}};
  const HttpGuard guard_{{.hosts = {"a"}, .origins = {}}};
  ConnectionMemory memory_{1U << 20};
  Metrics metrics_;
  HttpTurns turns_{io_};
  HttpDate date_{[] { return UnixMillis(1'000); }};
  const HttpContext context_{.writer = engine_->writer(),
                             .ledger = engine_->ledger(),
                             .queries = engine_->queries(),
                             .entrance = entrance_,
                             .guard = guard_,
                             .reserve = engine_->reserve(),
                             .memory = memory_,
                             .turns = turns_,
                             .metrics = metrics_,
                             .date = date_,
                             .readiness = [this] { return engine_->readiness(); },
                             .metrics_text = [] { return "metric 1\n"; },
                             .timeout = std::chrono::seconds(10)};
};

/// The client's end of a connection whose other end is served.
class FuzzedConnection {
 public:
  FuzzedConnection() {
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "a connection is made");
    client_ = ends[0];
    // Asio accepts this stream socket as TCP; it only has no address.
    asio::ip::tcp::socket served(io_, asio::ip::tcp::v4(), ends[1]);
    served.non_blocking(true);
    session_ = std::make_shared<HttpSession>(std::move(served), nullptr, ledger_.context());
    asio::co_spawn(io_, session_->run(), [this](const std::exception_ptr& thrown) {
      over_ = true;
      thrown_ = thrown;
    });
  }
  ~FuzzedConnection() {
    ::close(client_);
    // The executor's one thread runs tasks in order: afterwards nothing refers to io_.
    std::promise<void> idle;
    asio::post(ledger_.readers(), [&idle] { idle.set_value(); });
    idle.get_future().wait();
  }
  FuzzedConnection(const FuzzedConnection&) = delete;
  FuzzedConnection& operator=(const FuzzedConnection&) = delete;

  /// Sends all bytes, `piece` bytes at a time, and ends. Returns what it received until the other end closed.
  std::string exchange(std::string_view bytes, std::size_t piece) {
    bool moves = true;
    while (!over_) {
      if (!moves)
        require(io_.run_one_for(std::chrono::seconds(10)) > 0, "a session whose client has ended ends");
      moves = send(bytes, piece);
      io_.restart();
      moves = io_.poll() > 0 || moves;
      ledger_.commit();
      moves = receive() || moves;
    }
    receive();
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(received_);
  }

 private:
  bool send(std::string_view& bytes, std::size_t piece) {
    if (ended_) return false;
    const ssize_t sent = ::send(client_, bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (bytes.empty()) {
      ended_ = true;
      ::shutdown(client_, SHUT_WR);
    }
    return true;
  }
  bool receive() {
    std::array<char, 4'096> buffer;
    bool any = false;
    for (ssize_t size = 0; (size = ::recv(client_, buffer.data(), buffer.size(), 0)) > 0; any = true) {
      received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return any;
  }

  asio::io_context io_;
  LedgerInMemory ledger_{io_};
  std::shared_ptr<HttpSession> session_;
  int client_ = -1;
  bool ended_ = false;
  bool over_ = false;
  std::exception_ptr thrown_;
  std::string received_;
};

/// Where the last answer begins. Bodies may name the protocol, but no status follows there.
std::size_t last_answer(std::string_view answers) {
  constexpr std::string_view kProtocol = "HTTP/1.1 ";
  const auto has_status = [&](std::size_t at) {
    const std::string_view status = answers.substr(at + kProtocol.size(), 1);
    return !status.empty() && status >= "1" && status <= "5";
  };
  std::size_t at = answers.rfind(kProtocol);
  while (at != std::string_view::npos && !has_status(at)) {
    at = at == 0 ? std::string_view::npos : answers.rfind(kProtocol, at - 1);
  }
  return at;
}

/// Drops the last answer if it refuses bytes that are no request and ends the connection: how many of these
/// bytes are read differs if they come in pieces.
std::string_view without_refusal(std::string_view answers) {
  const std::size_t last = last_answer(answers);
  if (last == std::string_view::npos) return answers;
  const std::string_view answer = answers.substr(last);
  const bool refuses = answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 431") ||
                       answer.starts_with("HTTP/1.1 505");
  const bool closes = answer.find("\r\nConnection: close\r\n") != std::string_view::npos;
  return refuses && closes ? answers.substr(0, last) : answers;
}

}  // namespace

int fuzz_http(const std::uint8_t* data, std::size_t size) {
  FuzzInput input(data, size);
  const std::size_t least = 1 + std::size_t{input.byte()};
  const std::string_view bytes = input.rest();
  const std::size_t piece = std::max(least, bytes.size() / kMostPieces);
  const std::string whole = FuzzedConnection().exchange(bytes, bytes.size() + 1);
  require(whole.empty() || whole.starts_with("HTTP/1.") || whole == http2_refusal(),
          "what is answered is HTTP");
  const std::string pieces = FuzzedConnection().exchange(bytes, piece);
  require(without_refusal(pieces) == without_refusal(whole), "pieces are answered as the whole is");
  return 0;
}

}  // namespace stockfold
