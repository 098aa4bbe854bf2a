// One request to the ledger, and how its outcome is printed.
#pragma once

#include <stockfold/client.h>

#include <memory>
#include <optional>

#include "core/command.h"
#include "core/refusal.h"
#include "tools/console/exit_code.h"
#include "tools/console/options.h"

namespace stockfold {

/// Sends one command and prints its outcome.
[[nodiscard]] ExitCode send(const CallOptions& call, const CommandOptions& options, CommandBody body);

[[nodiscard]] ClientResult<std::unique_ptr<Client>> connect(const CallOptions& call);

/// Asks for the present state, or the state at a moment. Errors name the option that gave the moment.
ClientResult<ProductReply> ask(Client& client, const ShowProduct& request, const std::optional<Moment>& at);
ClientResult<OrderHistoryReply> ask(Client& client, const ShowOrderHistory& request,
                                    const std::optional<Moment>& at);
/// The same of a page; `at` becomes the position that it is as of, so that those after it are, too.
ClientResult<ProductsReply> ask(Client& client, const ListProducts& request, std::optional<Moment>& at);
ClientResult<OrdersReply> ask(Client& client, const ListOrders& request, std::optional<Moment>& at);

/// Prints why nothing was done: on stdout under --json if the ledger answered, otherwise on stderr.
ExitCode tell(const CallOptions& call, const Refusal& refusal);
ExitCode tell(const CallOptions& call, const Failure& failure);
ExitCode tell(const CallOptions& call, const ClientError& error);

/// Prints that there is no such order or product.
ExitCode tell_unknown(const CallOptions& call, StreamId subject);

/// Connects and calls `use` with the client.
template <class Use>
[[nodiscard]] ExitCode with_client(const CallOptions& call, Use use) {
  auto client = connect(call);
  if (!client) return tell(call, client.error());
  return use(**client);
}

}  // namespace stockfold
