// One request to the ledger, and how its outcome is told.
#pragma once

#include <memory>

#include "clients/client.h"
#include "core/command.h"
#include "core/refusal.h"
#include "tools/exit_code.h"
#include "tools/options.h"

namespace stockfold {

/// Sends one command and tells its outcome.
[[nodiscard]] ExitCode send(const CallOptions& call, const CommandOptions& options, CommandBody body);

[[nodiscard]] ClientResult<std::unique_ptr<Client>> connect(const CallOptions& call);

/// Tells why nothing was done, on stdout under --json if the ledger said so, otherwise on stderr.
ExitCode tell(const CallOptions& call, const Refusal& refusal);
ExitCode tell(const CallOptions& call, const ClientError& error);

/// Tells that there is no such order or product.
ExitCode tell_unknown(const CallOptions& call, StreamId subject);

/// Connects and calls `use` with the client.
template <class Use>
[[nodiscard]] ExitCode with_client(const CallOptions& call, Use use) {
  auto client = connect(call);
  if (!client) return tell(call, client.error());
  return use(**client);
}

}  // namespace stockfold
