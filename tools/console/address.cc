#include "tools/console/address.h"

#include <charconv>
#include <optional>
#include <system_error>

namespace stockfold {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_address(std::string_view text) {
  const std::string quoted = "'" + std::string(text) + "'";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) {
    return std::unexpected(quoted + " has no port: write HOST:PORT");
  }

  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.contains(':')) return std::unexpected(quoted + " needs brackets: write [HOST]:PORT");
  if (host.empty()) return std::unexpected(quoted + " has no host: write HOST:PORT");

  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::unexpected(quoted + " has no port from 0 to 65535");
  return std::pair(std::string(host), *port);
}

}  // namespace stockfold
