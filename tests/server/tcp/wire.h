// A bare connection to a server: sends what the test says, with or without a hello, and reads frames.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "net/receive_buffer.h"
#include "net/tls.h"
#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {

class Wire {
 public:
  explicit Wire(const boost::asio::ip::tcp::endpoint& endpoint) : socket_(io_) {
    socket_.connect(endpoint);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  /// Speaks TLS from here on. False: the server did not agree.
  [[nodiscard]] bool secure(std::unique_ptr<TlsStream> tls) {
    tls_ = std::move(tls);
    send_bytes("");
    while (!tls_->established()) {
      if (!receive_more()) return false;
      send_bytes("");
    }
    return true;
  }

  void send_bytes(std::string_view bytes) {
    std::string text(bytes);
    if (tls_) tls_->seal(text);
    boost::system::error_code error;  // the server may have closed already; then the next read shows it
    boost::asio::write(socket_, boost::asio::buffer(text), error);
  }
  void send(std::uint64_t id, Request request) {
    std::string bytes;
    encode_request({id, std::move(request)}, bytes, version_);
    send_bytes(bytes);
  }
  void send(std::uint64_t id, Command command) { send(id, CommandRequest{std::move(command)}); }

  /// Ends this side of the connection.
  void finish() {
    if (tls_) tls_->say_goodbye();
    send_bytes("");
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
  }

  /// The next reply; nothing if the server closed the connection.
  std::optional<ReplyMessage> receive() {
    for (;;) {
      std::string_view bytes = received_;
      const auto frame = take_frame(bytes);
      EXPECT_TRUE(frame.has_value()) << "the server sent a bad frame";
      if (!frame) return std::nullopt;
      if (*frame) {
        auto message = decode_reply(**frame, version_);
        EXPECT_TRUE(message.has_value()) << message.error().what;
        received_.erase(0, received_.size() - bytes.size());
        if (!message) return std::nullopt;
        return std::move(*message);
      }
      if (!receive_more()) return std::nullopt;
    }
  }

  /// The next reply, which must be of this kind.
  template <class Expected>
  Expected receive_as(std::uint64_t id) {
    auto message = receive();
    EXPECT_TRUE(message.has_value()) << "the connection was closed";
    if (!message) return {};
    EXPECT_EQ(message->id, id);
    auto* reply = std::get_if<Expected>(&message->reply);
    EXPECT_NE(reply, nullptr) << "a reply of kind " << message->reply.index();
    return reply == nullptr ? Expected{} : std::move(*reply);
  }

  /// The next events of a subscription; heartbeats are skipped.
  EventsReply receive_events(std::uint64_t id) {
    for (;;) {
      auto reply = receive_as<EventsReply>(id);
      if (!reply.events.empty() || !reply.next) return reply;
    }
  }

  /// From here on it speaks the version that the server chose.
  ServerHello greet(std::uint32_t max_version = kProtocolVersion) {
    send(1, ClientHello{.max_version = max_version, .client = "test"});
    auto hello = receive_as<ServerHello>(1);
    version_ = hello.version;
    return hello;
  }
  Answer execute(std::uint64_t id, Command command) {
    send(id, std::move(command));
    return receive_as<CommandReply>(id).answer;
  }

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool receive_more() {
    const auto room = buffer_.room();
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
    if (error) return false;
    bool goes_on = true;
    if (tls_) {
      goes_on = tls_->open(buffer_, room, count);
    } else {
      buffer_.fill(count);
    }
    received_ += buffer_.bytes();
    buffer_.consume(buffer_.bytes().size());
    return goes_on;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;
  ReceiveBuffer buffer_;
  std::string received_;
  std::uint32_t version_ = kProtocolVersion;
};

}  // namespace stockfold
