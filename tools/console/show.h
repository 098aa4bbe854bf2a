// One product or order, as it is or was.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "protocol/text/json.h"
#include "tools/console/ask.h"
#include "tools/console/options.h"
#include "tools/console/print.h"

namespace stockfold {

/// What the arguments of a subcommand `show` are read into.
template <class Request>
struct Showing {
  CallOptions call;
  Request request;
  std::optional<Moment> at;
};

/// What is shown, or nothing if there is none.
inline std::optional<std::string> shown(const ProductReply& reply, bool json) {
  const auto& [sku, product, as_of] = reply;
  if (!product) return std::nullopt;
  return json ? json_of(sku, *product, as_of) : text_of(sku, *product, as_of);
}
inline std::optional<std::string> shown(const OrderHistoryReply& reply, bool json) {
  const auto& [order, state, steps, as_of] = reply;
  if (!state) return std::nullopt;
  return json ? json_of(order, *state, steps, as_of) : text_of(order, *state, steps, as_of);
}
inline StreamId subject_of(const ProductReply& reply) { return StreamId::of(reply.sku); }
inline StreamId subject_of(const OrderHistoryReply& reply) { return StreamId::of(reply.order); }

template <class Request>
ExitCode show(const Showing<Request>& showing) {
  return with_client(showing.call, [&showing](Client& client) {
    const auto reply = ask(client, showing.request, showing.at);
    if (!reply) return tell(showing.call, reply.error());
    const auto text = shown(*reply, showing.call.json);
    if (!text) return tell_unknown(showing.call, subject_of(*reply));
    print_line(*text);
    return kDone;
  });
}

/// The subcommand `show` of a family. `add_id(app, request)` adds the argument that names what is shown.
template <class Request, class AddId>
void add_show(CLI::App& family, int& exit_code, const std::string& description, AddId add_id) {
  CLI::App* app = family.add_subcommand("show", description);
  auto showing = std::make_shared<Showing<Request>>();
  add_id(*app, showing->request);
  add_freshness(*app, showing->request.freshness);
  add_at(*app, showing->at);
  add_call_options(*app, showing->call);
  app->callback([showing, &exit_code] { exit_code = show(*showing); });
}

}  // namespace stockfold
