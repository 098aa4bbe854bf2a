// A connection under test, its client, and a clock that the test steers.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "net/connection.h"
#include "support/certificates.h"
#include "support/temporary_directory.h"

namespace stockfold {

/// The other end of the connection. Its socket does not block.
class TestClient {
 public:
  TestClient(boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {
    socket_.non_blocking(true);
  }

  void send(std::string_view text) {
    if (tls_ == nullptr) {
      raw_ += text;
      return;
    }
    std::string sealed(text);
    tls_->seal(sealed);
    raw_ += sealed;
  }
  /// As it is, be it no TLS.
  void send_raw(std::string_view bytes) { raw_ += bytes; }
  /// The orderly end: of TLS, if there is any, and of the socket.
  void finish() {
    if (tls_ != nullptr) tls_->say_goodbye();
    send("");
    pump();
    finish_socket();
  }
  void finish_socket() {
    boost::system::error_code ignored;  // the server may have closed already
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void stop_reading() { reads_ = false; }
  void go_on_reading() { reads_ = true; }

  /// Sends and reads what the socket takes and has.
  void pump() {
    if (tls_ != nullptr) send("");
    boost::system::error_code error;
    if (!raw_.empty()) raw_.erase(0, socket_.write_some(boost::asio::buffer(raw_), error));
    if (!reads_ || over_) return;
    const auto room = received_.room();
    const std::size_t count = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
    if (error == boost::asio::error::would_block) return;
    if (error) {
      over_ = true;
      reset_ = error != boost::asio::error::eof;
      told_ = tls_ != nullptr && !tls_->open(received_, room, 0) && tls_->what().empty();
    } else if (tls_ == nullptr) {
      received_.fill(count);
    } else {
      static_cast<void>(tls_->open(received_, room, count));
    }
    text_ += received_.bytes();
    received_.consume(received_.bytes().size());
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool over() const { return over_; }    ///< The server has ended the connection.
  [[nodiscard]] bool reset() const { return reset_; }  ///< By a reset.
  [[nodiscard]] bool told() const { return told_; }    ///< By TLS, that nothing more comes.
  [[nodiscard]] bool all_sent() const { return raw_.empty(); }
  [[nodiscard]] bool ready() const { return tls_ == nullptr || tls_->established(); }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;
  std::string raw_;
  ReceiveBuffer received_;
  std::string text_;
  bool reads_ = true;
  bool over_ = false;
  bool reset_ = false;
  bool told_ = false;
};

enum class Security : std::uint8_t { none, tls };

class AConnection : public testing::TestWithParam<Security> {
 protected:
  static constexpr ConnectionTimes kTimes{.first = std::chrono::seconds(10),
                                          .request = std::chrono::seconds(5),
                                          .idle = std::chrono::seconds(60),
                                          .write = std::chrono::seconds(30)};

  ~AConnection() override { end(); }

  void end() {
    if (connection_ != nullptr) connection_->close();
    run_what_is_ready();  // what waits for the connection ends
    connection_.reset();
  }

  void given_a_connection(ConnectionPhase phase = ConnectionPhase::idle, std::size_t memory = 64U << 20) {
    end();
    memory_.emplace(memory);
    boost::asio::ip::tcp::acceptor acceptor(
        io_, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
    boost::asio::ip::tcp::socket client(io_);
    client.connect(acceptor.local_endpoint());
    boost::asio::ip::tcp::socket served = acceptor.accept();
    served.set_option(boost::asio::socket_base::send_buffer_size(64 << 10));
    ASSERT_TRUE(Connection::prepare(served));
    const bool secure = GetParam() == Security::tls;
    client_.emplace(std::move(client), secure ? trusting() : nullptr);
    connection_ =
        std::make_shared<Connection>(std::move(served), secure ? serving() : nullptr, phase, kTimes,
                                     ConnectionShared{.memory = *memory_, .counts = counts_, .now = clock_});
    connection_->belongs_to(connection_);
    if (!secure) return;
    receive(phase, false);  // the handshake
    run_until([this] { return received_.has_value(); });
  }

  /// Lets both ends go on until `done`.
  template <class Done>
  void run_until(const Done& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "nothing happens any more";
      io_.restart();
      if (io_.poll() == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
      client_->pump();
    }
  }
  /// Until what was started waits.
  void run_what_is_ready() {
    io_.restart();
    io_.poll();
  }
  /// Runs a coroutine of the connection to its end.
  template <class Start>
  void run(const Start& start) {
    bool done = false;
    boost::asio::co_spawn(
        io_, [&]() -> boost::asio::awaitable<void> { co_await start(); },
        [&](const std::exception_ptr&) { done = true; });
    run_until([&] { return done; });
  }
  /// Receives in the background until something has come, or, if not `once`, until the connection ends.
  void receive(ConnectionPhase phase, bool once = true) {
    received_.reset();
    boost::asio::co_spawn(
        io_,
        [this, phase, once]() -> boost::asio::awaitable<void> {
          bool more = true;
          bool came = false;
          while (more && !came) {
            more = co_await connection_->receive(phase);
            came = !connection_->received().bytes().empty() || (!once && client_->ready());
          }
          received_ = more;
        },
        boost::asio::detached);
  }
  std::string take() {
    std::string bytes(connection_->received().bytes());
    connection_->received().consume(bytes.size());
    return bytes;
  }
  [[nodiscard]] std::uint64_t closed_for(CloseReason reason) const {
    return counts_.closed.at(static_cast<std::size_t>(reason));
  }
  [[nodiscard]] std::uint64_t closed_for_any_reason() const {
    return std::accumulate(counts_.closed.begin(), counts_.closed.end(), std::uint64_t{0});
  }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    connection_->enforce_deadline(now_);
  }

  [[nodiscard]] std::unique_ptr<TlsStream> serving() const {
    const CertificateFiles files = authority_.issue("server", {"IP:127.0.0.1"});
    const auto context = TlsContext::of_server({.certificate = files.certificate,
                                                .key = files.key,
                                                .passphrase = {},
                                                .client_ca = {},
                                                .client_crl = {}},
                                               kTcpProtocol);
    return (*context)->accept();
  }
  [[nodiscard]] std::unique_ptr<TlsStream> trusting() const {
    const auto context = TlsContext::of_client(
        {.ca = authority_.certificate(), .certificate = {}, .key = {}, .name = {}}, kTcpProtocol);
    return (*context)->connect("127.0.0.1");
  }

  TemporaryDirectory directory_;
  const Authority authority_{directory_.path(), "authority"};
  boost::asio::io_context io_;
  SteadyTime now_{std::chrono::hours(1'000)};  // far from the machine's clock
  const SteadyClock clock_ = [this] { return now_; };
  std::optional<ConnectionMemory> memory_;
  ConnectionCounts counts_;
  std::optional<TestClient> client_;
  std::shared_ptr<Connection> connection_;
  std::optional<bool> received_;  ///< What the last receive() returned.
};

}  // namespace stockfold
