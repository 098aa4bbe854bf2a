// Whether a ledger would be open to those who should not get in.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <string>

namespace stockfold {

/// The first address that a host and a port stand for. Asks the system's resolver, and waits for it.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> resolve_endpoint(
    const std::string& host, std::uint16_t port);

struct Protection {
  bool tls = false;     ///< A certificate is shown, and what is said cannot be read by others.
  bool tokens = false;  ///< Somebody has a token, and nobody gets in without one.
};

/// Nothing but loopback may be listened on without TLS and tokens. The error says so in words that can follow
/// the setting's name, and what to add.
[[nodiscard]] std::expected<void, std::string> check_exposure(const boost::asio::ip::tcp::endpoint& endpoint,
                                                              const Protection& protection);

}  // namespace stockfold
