// POST, PUT and PATCH requests as commands. One function a route; routes.cc names them. What the fields of a
// body mean is bodies.h.
#pragma once

#include <optional>
#include <string>

#include "server/http/asks.h"
#include "server/http/match.h"

namespace stockfold {

/// What the headers, the query and the fields of every command may add to it.
struct CommandEnvelope {
  ExpectedVersion expected;
  std::optional<CommandIdentity> identity;
  std::string actor;
  std::string life;  ///< Of the log that the request refers to; empty: it names none.
};
/// Read after all other fields: a field that is left over is a fault.
HttpRead<CommandEnvelope> envelope_of(const HttpMatch& match);

HttpRead<HttpCommand> register_product(const HttpMatch& match);
HttpRead<HttpCommand> receive_stock(const HttpMatch& match);
HttpRead<HttpCommand> write_off_stock(const HttpMatch& match);
HttpRead<HttpCommand> retire_product(const HttpMatch& match);
/// A draft where the body says so.
HttpRead<HttpCommand> make_order(const HttpMatch& match);
HttpRead<HttpCommand> place_draft(const HttpMatch& match);
HttpRead<HttpCommand> abort_order(const HttpMatch& match);
HttpRead<HttpCommand> fulfil_order(const HttpMatch& match);

}  // namespace stockfold
