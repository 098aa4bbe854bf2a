// The server side of a client's connection, played by the test's script.
#pragma once

#include <stockfold/client.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {

inline ServerHello server_hello(std::uint8_t ledger = 1, std::uint32_t epoch = 1) {
  ServerHello hello;
  hello.ledger.bytes.fill(ledger);
  hello.epoch = Epoch(epoch);
  hello.max_frame_bytes = kMaxFrameBytes;
  hello.max_in_flight = 256;
  hello.server = "fake";
  return hello;
}

/// One connection of a client, as the ledger sees it. Blocking; throws when the client has disconnected.
class Peer {
 public:
  explicit Peer(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  RequestMessage read() {
    std::string payload;
    for (;;) {
      std::string_view rest = received_;
      const auto taken = take_frame(rest);
      if (!taken) throw std::runtime_error("the client sent " + std::string(name_of(taken.error())));
      if (*taken) payload = **taken;
      received_.erase(0, received_.size() - rest.size());
      if (*taken) break;
      char bytes[4'096];
      received_.append(bytes, socket_.read_some(boost::asio::buffer(bytes)));
    }
    return decode_request(payload, version_).value();
  }
  template <class Expected>
  std::pair<std::uint64_t, Expected> read_as() {
    RequestMessage message = read();
    return {message.id, std::get<Expected>(std::move(message.request))};
  }

  void send_bytes(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }
  void reply(std::uint64_t id, Reply reply) {
    std::string frame;
    encode_reply({id, std::move(reply)}, frame, version_);
    send_bytes(frame);
  }
  /// Answers the client's hello, and speaks that version from here on.
  ClientHello greet(ServerHello hello = server_hello()) {
    auto [id, sent] = read_as<ClientHello>();
    version_ = hello.version;
    reply(id, std::move(hello));
    return sent;
  }
  /// Waits for the client to close the connection.
  void until_closed() {
    try {
      for (;;) read();
    } catch (const std::exception&) {
    }
  }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
  std::uint32_t version_ = kFirstProtocolVersion;
};

/// Plays one script for each connection, in order; after the last script it stops listening. Make it before
/// its client, so that the client is destroyed first.
class FakeLedger {
 public:
  using Script = std::function<void(Peer&)>;

  explicit FakeLedger(std::vector<Script> scripts)
      : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, scripts = std::move(scripts)] { serve(scripts); }) {}

  ~FakeLedger() {
    // A thread that still waits for a connection gets one that ends at once.
    boost::system::error_code ignored;
    while (!done_.load()) {
      boost::asio::ip::tcp::socket last(io_);
      last.connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
    }
    thread_.join();
  }
  FakeLedger(const FakeLedger&) = delete;
  FakeLedger& operator=(const FakeLedger&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve(const std::vector<Script>& scripts) {
    std::vector<std::jthread> connections;
    for (const Script& script : scripts) {
      connections.emplace_back([&script, peer = Peer(acceptor_.accept())]() mutable {
        try {
          script(peer);
        } catch (const std::exception&) {  // the client disconnected; the test notices what is missing
        }
      });
    }
    acceptor_.close();
    done_ = true;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Throws if it cannot connect.
inline std::unique_ptr<Client> connected(const ClientOptions& options) {
  auto client = Client::connect(options);
  if (!client) throw std::runtime_error(client.error().what);
  return std::move(*client);
}

}  // namespace stockfold
