// TLS over bytes that somebody else sends and receives: there is no socket in here, and no word of OpenSSL.
// One class serves both sides, so that what the ledger speaks is what its clients speak.
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

/// What is spoken within, as ALPN names it: whoever offers others is refused.
inline constexpr std::string_view kTcpProtocol = "stockfold/1";
inline constexpr std::string_view kHttpProtocol = "http/1.1";

/// One side of one connection. One thread.
class TlsStream {
 public:
  struct State;
  /// What is best read of a socket at once: OpenSSL keeps as much memory as it was ever given.
  static constexpr std::size_t kBytesAtOnce = 16U << 10;

  explicit TlsStream(std::unique_ptr<State> state);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// `room` is that of `received`, and its first `count` bytes came from the peer. What they decrypt to takes
  /// their place, which may be nothing. False: this was the connection's end, and nothing came before it.
  /// seal() then still has what the peer is to be told.
  [[nodiscard]] bool open(ReceiveBuffer& received, std::span<const char> room, std::size_t count);

  /// Puts in the place of `text` what is to be sent for it, behind what TLS itself has to say. Before
  /// established() there is nobody whom it could be told: text is dropped.
  void seal(std::string& text);

  /// The next seal() tells the peer that nothing more comes.
  void say_goodbye();

  /// The handshake is done, and the peer is who it has to be.
  [[nodiscard]] bool established() const { return established_; }
  /// The handshake, or a record, has begun and is not whole.
  [[nodiscard]] bool unfinished() const;
  /// Why it broke, for people; empty where it did not, or where the peer ended it well.
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  bool take(std::string_view bytes);
  bool shake_hands();
  bool fail();

  std::unique_ptr<State> state_;
  std::string what_;
  bool established_ = false;
  std::string greeting_;  ///< Of a client, as long as it is too short to be looked at.
};

/// How much of `room` to have a socket fill, whose bytes `tls` opens; null: none does.
[[nodiscard]] inline std::size_t at_once(const TlsStream* tls, std::size_t room) {
  return tls == nullptr ? room : std::min(room, TlsStream::kBytesAtOnce);
}

/// Certificates, and what is agreed to: TLS 1.2 with forward secrecy and authenticated encryption, or 1.3.
/// Sessions are not resumed, so that whoever is refused from now on is. Any thread.
class TlsContext {
 public:
  /// Reads the files. An error names the file and what is wrong. `protocol` is one of the two above.
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
  /// The client's, whose first seal() begins the handshake. `host` is that of the server, by name or address.
  [[nodiscard]] std::unique_ptr<TlsStream> connect(const std::string& host) const;

  /// Whether the server's certificate is for this host, by name or address.
  [[nodiscard]] bool is_for(const std::string& host) const;
  /// When that expires.
  [[nodiscard]] UnixMillis expires() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace stockfold
