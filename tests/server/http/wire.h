// A bare HTTP connection: sends what the test says, and parses answers by hand.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cctype>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/receive_buffer.h"
#include "net/tls.h"

namespace stockfold {

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< By names in lower case.
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class HttpWire {
 public:
  /// `kept`: size of the receive buffer in bytes; 0: the system's default.
  explicit HttpWire(std::uint16_t port, int kept = 0) : socket_(io_) {
    socket_.open(boost::asio::ip::tcp::v4());
    if (kept > 0) socket_.set_option(boost::asio::socket_base::receive_buffer_size(kept));
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  /// Uses TLS from here on. Returns false if the server did not agree.
  [[nodiscard]] bool secure(std::unique_ptr<TlsStream> tls) {
    tls_ = std::move(tls);
    send("");
    while (!tls_->established()) {
      if (!receive_more()) return false;
      send("");
    }
    return true;
  }

  void send(std::string_view bytes) {
    std::string text(bytes);
    if (tls_) tls_->seal(text);
    boost::system::error_code error;  // the server may have closed already; then the next read shows it
    boost::asio::write(socket_, boost::asio::buffer(text), error);
  }
  /// Ends this side of the connection.
  void finish() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

  /// The next answer; nothing if the server closed the connection before the answer was complete.
  std::optional<HttpReply> receive(bool to_head = false) {
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!receive_more()) return std::nullopt;
    }
    HttpReply reply;
    std::string_view head = received_;
    head = head.substr(0, head.find("\r\n\r\n") + 2);
    const std::size_t head_bytes = head.size() + 2;
    EXPECT_TRUE(head.starts_with("HTTP/1.1 ")) << head;
    reply.status = std::stoi(std::string(head.substr(9, 3)));
    for (head.remove_prefix(head.find("\r\n") + 2); !head.empty();
         head.remove_prefix(head.find("\r\n") + 2)) {
      const auto colon = head.find(": ");
      std::string name(head.substr(0, colon));
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      reply.headers[name] = head.substr(colon + 2, head.find("\r\n") - colon - 2);
    }
    received_.erase(0, head_bytes);
    const std::string length = reply.header("content-length");
    const std::size_t body_bytes = to_head || length.empty() ? 0 : std::stoul(length);
    while (received_.size() < body_bytes) {
      if (!receive_more()) return std::nullopt;
    }
    reply.body = received_.substr(0, body_bytes);
    received_.erase(0, body_bytes);
    return reply;
  }

  /// Sends one request, whose body is JSON if it begins with a brace, else a form. `headers`: whole lines.
  HttpReply ask(std::string_view method, std::string_view target, std::string_view body = "",
                std::string_view headers = "") {
    std::string request;
    request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    if (!body.empty()) {
      request += body.starts_with('{') ? "Content-Type: application/json\r\n"
                                       : "Content-Type: application/x-www-form-urlencoded\r\n";
      request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    send(request.append(headers).append("\r\n").append(body));
    auto reply = receive(method == "HEAD");
    EXPECT_TRUE(reply.has_value()) << "the connection was closed";
    return reply.value_or(HttpReply());
  }
  HttpReply get(std::string_view target) { return ask("GET", target); }

  /// The next piece of a chunked body: empty at its end; nothing if the connection was closed.
  std::optional<std::string> piece() {
    while (received_.find("\r\n") == std::string::npos) {
      if (!receive_more()) return std::nullopt;
    }
    const std::size_t begin = received_.find("\r\n") + 2;
    const std::size_t bytes = std::stoul(received_, nullptr, 16);
    while (received_.size() < begin + bytes + 2) {
      if (!receive_more()) return std::nullopt;
    }
    std::string body = received_.substr(begin, bytes);
    EXPECT_EQ(received_.substr(begin + bytes, 2), "\r\n");
    received_.erase(0, begin + bytes + 2);
    return body;
  }

  /// All bytes that come until the server closes its side.
  std::string rest() {
    while (receive_more()) {
    }
    return std::exchange(received_, {});
  }

  /// Whether the server closed its side without sending more.
  bool is_over() { return received_.empty() && !receive_more(); }

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
};

}  // namespace stockfold
