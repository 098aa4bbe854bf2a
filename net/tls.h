// TLS over bytes that the caller sends and receives: there is no socket here, and no type of OpenSSL. One
// class is both sides, so the ledger and its clients speak the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/numbers.h"
#include "net/receive_buffer.h"
#include "net/tls_options.h"

namespace stockfold {

/// The protocol inside TLS, by its ALPN name. A client that offers only others is refused.
inline constexpr std::string_view kTcpProtocol = "stockfold/1";
inline constexpr std::string_view kHttpProtocol = "http/1.1";

/// One side of one connection. One thread at a time.
class TlsStream {
 public:
  struct State;
  /// The most to read from a socket at once: OpenSSL keeps the memory of the largest read.
  static constexpr std::size_t kBytesAtOnce = 16U << 10;

  explicit TlsStream(std::unique_ptr<State> state);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// `room` is that of `received`, and its first `count` bytes came from the peer. Their plain text, which
  /// may be empty, takes their place. False: the peer has ended TLS, with no plain text before the end, or
  /// TLS broke. Then seal() still returns what the peer has to be sent.
  [[nodiscard]] bool open(ReceiveBuffer& received, std::span<const char> room, std::size_t count);

  /// Replaces `text` with what is to be sent for it, after what TLS itself has to send. Before established(),
  /// text is dropped.
  void seal(std::string& text);

  /// The next seal() returns, last, the notice that nothing more comes.
  void say_goodbye();

  /// The handshake is done, and the peer's certificate is good.
  [[nodiscard]] bool established() const { return established_; }
  /// The handshake, or a record, has begun and is not whole.
  [[nodiscard]] bool unfinished() const;
  /// Why TLS broke, for people; empty: it did not break.
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  bool take(std::string_view bytes);
  bool shake_hands();
  bool fail();

  std::unique_ptr<State> state_;
  std::string what_;
  bool established_ = false;
  std::string greeting_;  ///< First bytes of a client, while too few to be checked.
};

/// How many of the `room` bytes to read at once from a socket that `tls` secures; null: nothing does.
[[nodiscard]] inline std::size_t at_once(const TlsStream* tls, std::size_t room) {
  return tls == nullptr ? room : std::min(room, TlsStream::kBytesAtOnce);
}

/// Certificates and the accepted versions: TLS 1.2 with forward secrecy and authenticated encryption, or 1.3.
/// Sessions are not resumed, so a certificate that is revoked is refused from then on. Any thread.
class TlsContext {
 public:
  /// Reads the files. An error names the file and what is wrong with it. `protocol` is one of the two above.
  static std::expected<std::shared_ptr<const TlsContext>, std::string> of_server(
      const TlsServerOptions& options, std::string_view protocol);
  static std::expected<std::shared_ptr<const TlsContext>, std::string> of_client(
      const TlsClientOptions& options, std::string_view protocol);

  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// The server's side of a connection.
  [[nodiscard]] std::unique_ptr<TlsStream> accept() const;
  /// The client's side, whose first seal() begins the handshake. `host` is the server's name or address.
  [[nodiscard]] std::unique_ptr<TlsStream> connect(const std::string& host) const;

  /// Whether the server's certificate is for this host, by name or address.
  [[nodiscard]] bool is_for(const std::string& host) const;
  /// When the certificate expires.
  [[nodiscard]] UnixMillis expires() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace stockfold
