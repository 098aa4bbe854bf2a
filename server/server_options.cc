#include "server/server_options.h"

#include <utility>

#include "server/access/exposure.h"
#include "server/access/token_file.h"

namespace stockfold {

std::filesystem::path token_file_of(const ServerOptions& options) {
  return options.tokens.empty() ? options.data / "tokens.json" : options.tokens;
}

std::expected<void, std::string> check_access(const ServerOptions& options) {
  auto tokens = read_token_file(token_file_of(options));
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  if (!*tokens && !options.tokens.empty()) {  // a mistyped name must not open the ledger to all callers
    return std::unexpected(options.tokens.string() +
                           ": there is no such file of tokens; make it: stockfold token create NAME --scope "
                           "read,command --tokens " +
                           options.tokens.string());
  }
  if (options.tls) {
    if (auto usable = TlsContext::of_server(*options.tls, kTcpProtocol); !usable)
      return std::unexpected(std::move(usable.error()));
  }
  const Protection protection{.tls = options.tls.has_value(), .tokens = *tokens && !(*tokens)->empty()};
  for (const auto& [host, port] :
       {std::pair(options.host, options.port), std::pair(options.http_host, options.http_port)}) {
    auto endpoint = resolve_endpoint(host, port);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    if (auto closed = check_exposure(*endpoint, protection); !closed) return closed;
  }
  return {};
}

}  // namespace stockfold
