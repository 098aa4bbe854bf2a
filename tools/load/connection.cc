#include "tools/load/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <variant>

#include "protocol/frame.h"
#include "protocol/messages.h"

namespace stockfold {
namespace {

std::string reason(std::string_view what, int error) {
  return fmt::format("{}: {}", what, std::generic_category().message(error));
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

template <class Value>
bool set_option(int fd, int level, int name, const Value& value) {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

template <class Expected>
std::string wrong_with(std::string_view payload) {
  const auto message = decode_reply(payload, LoadConnection::kVersion);
  if (!message) return "bad reply: " + message.error().what;
  if (std::holds_alternative<Expected>(message->reply)) return {};
  const auto* error = std::get_if<ErrorReply>(&message->reply);
  if (error == nullptr) return "an unexpected reply to the hello";
  return fmt::format("{}: {}", name_of(error->code), error->detail);
}

}  // namespace

std::expected<std::vector<SocketAddress>, std::string> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return std::unexpected(fmt::format("cannot resolve {}: {}", host, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);

  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    addresses.push_back({at->ai_family, {reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen}});
  }
  return addresses;
}

std::string LoadConnection::open(std::span<const SocketAddress> addresses, std::chrono::milliseconds patience,
                                 const std::string& token, std::unique_ptr<TlsStream> tls) {
  tls_ = std::move(tls);
  std::string wrong = connect(addresses);
  if (!wrong.empty()) return wrong;

  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  timeval limit{};
  limit.tv_sec = seconds.count();
  limit.tv_usec = std::chrono::microseconds(patience - seconds).count();
  const bool set = set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1) &&
                   set_option(fd_, SOL_SOCKET, SO_RCVTIMEO, limit) &&
                   set_option(fd_, SOL_SOCKET, SO_SNDTIMEO, limit);
  if (!set) return reason("cannot set up the socket", errno);

  if (tls_) wrong = secure(std::chrono::steady_clock::now() + patience);
  if (wrong.empty()) wrong = exchange<ServerHello>(ClientHello{kVersion, kVersion, "stockfold-bench"});
  if (wrong.empty() && !token.empty()) wrong = exchange<LoggedIn>(LogIn{token});
  if (!wrong.empty()) return wrong;
  if (::fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) return reason("cannot set up the socket", errno);
  return {};
}

std::string LoadConnection::connect(std::span<const SocketAddress> addresses) {
  int error = EADDRNOTAVAIL;
  for (const SocketAddress& address : addresses) {
    fd_ = ::socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return reason("cannot make a socket", errno);
    const auto* const name = reinterpret_cast<const sockaddr*>(address.bytes.data());
    if (::connect(fd_, name, static_cast<socklen_t>(address.bytes.size())) == 0) return {};
    error = errno;
    close();
  }
  return reason("cannot connect", error);
}

std::string LoadConnection::secure(std::chrono::steady_clock::time_point until) {
  std::array<char, 4'096> buffer;
  for (;;) {
    if (std::string wrong = flush_all(); !wrong.empty()) return wrong;
    if (tls_->established()) return {};
    const auto bytes = read(buffer);
    if (!bytes) return bytes.error();
    if (tls_->established()) continue;
    if (std::chrono::steady_clock::now() >= until) return "the TLS handshake did not end in time";
  }
}

template <class Expected>
std::string LoadConnection::exchange(Request request) {
  encode_request({++requests, std::move(request)}, out, kVersion);
  if (std::string wrong = flush_all(); !wrong.empty()) return wrong;
  std::array<char, 4'096> buffer;
  for (;;) {
    const auto bytes = read(buffer);
    if (!bytes) return bytes.error();
    if (bytes->empty()) return "no answer to the hello in time";
    std::string_view rest = *bytes;
    const auto payload = take_frame(rest);
    if (!payload) return "bad frame: " + std::string(name_of(payload.error()));
    keep(rest);
    if (!*payload) continue;
    answers = requests;
    return wrong_with<Expected>(**payload);
  }
}

std::string LoadConnection::flush_all() {
  std::string wrong = flush();
  while (wrong.empty() && wants_to_write()) wrong = flush();
  return wrong;
}

void LoadConnection::close() {
  if (fd_ >= 0) ::close(fd_);  // the socket is gone, even after an error
  fd_ = -1;
}

std::string LoadConnection::flush() {
  if (tls_ && sealed_.empty()) {
    sealed_.swap(out);
    tls_->seal(sealed_);
  }
  std::string& sending = tls_ ? sealed_ : out;
  if (sending.empty()) return {};
  const ssize_t sent = ::send(fd_, sending.data(), sending.size(), MSG_NOSIGNAL);
  if (sent < 0) return would_block(errno) ? std::string() : reason("cannot send", errno);
  if (static_cast<std::size_t>(sent) == sending.size()) {
    sending.clear();
  } else {
    sending.erase(0, static_cast<std::size_t>(sent));
  }
  return {};
}

std::expected<std::string_view, std::string> LoadConnection::read(std::span<char> buffer) {
  const std::size_t before = kept_.size();
  if (before >= buffer.size()) return std::unexpected("a reply that is too long");
  std::memcpy(buffer.data(), kept_.data(), before);
  const std::span<char> free = buffer.subspan(before);
  // Decrypted bytes are never more than the encrypted ones, so what is read fits.
  const std::span<char> room = tls_ ? opened_.room() : free;
  const ssize_t received = ::recv(fd_, room.data(), std::min(room.size(), free.size()), 0);
  if (received == 0) return std::unexpected("the ledger closed the connection");
  if (received < 0) {
    if (would_block(errno)) return std::string_view();
    return std::unexpected(reason("the connection ended", errno));
  }
  auto count = static_cast<std::size_t>(received);
  if (tls_) {
    if (!tls_->open(opened_, room, count)) return std::unexpected("TLS ended: " + tls_->what());
    const std::string_view text = opened_.bytes().substr(0, free.size());
    count = text.size();
    std::memcpy(free.data(), text.data(), count);
    opened_.consume(count);
    if (!opened_.bytes().empty()) return std::unexpected("a reply that is too long");
  }
  return std::string_view(buffer.data(), before + count);
}

}  // namespace stockfold
