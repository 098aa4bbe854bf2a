// Checks that a ledger is not open to other machines without protection.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <string>

namespace stockfold {

/// The first address that a host and a port resolve to. Asks the system's resolver, and waits for it.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> resolve_endpoint(
    const std::string& host, std::uint16_t port);

struct Protection {
  bool tls = false;     ///< The server shows a certificate, and the traffic is encrypted.
  bool tokens = false;  ///< At least one token exists, and every caller needs one.
};

/// Only loopback may be listened on without TLS and tokens. The error can follow the setting's name, and says
/// what to add.
[[nodiscard]] std::expected<void, std::string> check_exposure(const boost::asio::ip::tcp::endpoint& endpoint,
                                                              const Protection& protection);

}  // namespace stockfold
