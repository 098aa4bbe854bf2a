#include "server/access/exposure.h"

#include <boost/asio/io_context.hpp>
#include <sstream>

namespace stockfold {

namespace asio = boost::asio;

std::expected<asio::ip::tcp::endpoint, std::string> resolve_endpoint(const std::string& host,
                                                                     std::uint16_t port) {
  asio::io_context io;
  asio::ip::tcp::resolver resolver(io);
  boost::system::error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), asio::ip::tcp::resolver::passive, error);
  if (error) {
    return std::unexpected("cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
  }
  return found.begin()->endpoint();
}

std::expected<void, std::string> check_exposure(const asio::ip::tcp::endpoint& endpoint,
                                                const Protection& protection) {
  if (endpoint.address().is_loopback() || (protection.tls && protection.tokens)) return {};
  std::ostringstream what;
  what << endpoint << " can be reached from other machines, so TLS and tokens are required; ";
  if (!protection.tls) what << "add --tls-certificate FILE --tls-key FILE";
  if (!protection.tls && !protection.tokens) what << ", and ";
  if (!protection.tokens) what << "make a token: stockfold token create NAME --scope read,command --data DIR";
  return std::unexpected(what.str());
}

}  // namespace stockfold
