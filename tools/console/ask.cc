#include "tools/console/ask.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <variant>

#include "protocol/text/json.h"
#include "storage/codec/body_hash.h"
#include "tools/console/print.h"

namespace stockfold {
namespace {

namespace json = boost::json;

bool may_have_been_done(const ClientError& error) {
  return error.kind == ClientErrorKind::timed_out || error.kind == ClientErrorKind::lost ||
         error.rule == Rule::outcome_unknown;
}

/// For people.
void explain(const Refusal& refusal, bool replayed = false) {
  const bool by_rule = exit_code_of(refusal.rule) == kRefused || exit_code_of(refusal.rule) == kConflict;
  const char* of_before =
      replayed ? "; that was its outcome before, under this command id: a new attempt needs a new one" : "";
  complain((by_rule ? "refused: " : "stockfold: ") + message_of(refusal) + of_before);
}

/// Of a refusal that was decided without a look at the command id: an attempt before it may have been done,
/// such as one whose connection was lost.
bool may_have_been_done(const Refusal& refusal) {
  return refusal.rule == Rule::overloaded || refusal.rule == Rule::outcome_unknown;
}

void tell_how_to_find_out(const CommandId& id) {
  complain(fmt::format("stockfold: it may have been done; to find out, repeat it with --command-id {}",
                       to_uuid(id.bytes)));
}

ExitCode tell_lost(const CallOptions& call, const ClientError& error, const CommandId& id) {
  const ExitCode code = tell(call, error);
  if (may_have_been_done(error)) tell_how_to_find_out(id);
  return code;
}

template <class Request>
auto ask_at(Client& client, const Request& request, const Moment& at) {
  auto reply = client.at(at, request);
  if (!reply && reply.error().rule == Rule::invalid_argument) reply.error().what.insert(0, "--");
  return reply;
}

/// Pages of the present need not be of one instant; those of the past are.
template <class Reply>
void pin(const ClientResult<Reply>& page, std::optional<Moment>& at) {
  if (page && at) at = page->as_of;
}

}  // namespace

ClientResult<ProductReply> ask(Client& client, const ShowProduct& request, const std::optional<Moment>& at) {
  return at ? ask_at(client, request, *at) : client.product(request.sku, request.freshness);
}

ClientResult<OrderReply> ask(Client& client, const ShowOrder& request, const std::optional<Moment>& at) {
  return at ? ask_at(client, request, *at) : client.order(request.order, request.freshness);
}

ClientResult<ProductsReply> ask(Client& client, const ListProducts& request, std::optional<Moment>& at) {
  auto page = at ? ask_at(client, request, *at) : client.products(request);
  pin(page, at);
  return page;
}

ClientResult<OrdersReply> ask(Client& client, const ListOrders& request, std::optional<Moment>& at) {
  auto page = at ? ask_at(client, request, *at) : client.orders(request);
  pin(page, at);
  return page;
}

ExitCode send(const CallOptions& call, const CommandOptions& options, CommandBody body) {
  const CommandId id = options.id.value_or(draw_command_id());  // so that it can be named again
  const CommandKind kind = kind_of(body);
  const Command command{std::move(body), options.expected, CommandIdentity{id, {}}, options.actor};
  auto wrong = malformation(command);
  if (!wrong) wrong = new_id_malformation(command.body);
  if (wrong) return tell(call, refuse(Rule::invalid_argument, *std::move(wrong)));

  return with_client(call, [&](Client& client) {
    const auto answer = client.execute(command);
    if (!answer) return tell_lost(call, answer.error(), id);

    const auto* accepted = std::get_if<Accepted>(&answer->outcome);
    if (call.json) {
      print_line(json_of(*answer));
    } else if (accepted != nullptr) {
      print_line(text_of(kind, *accepted, answer->replayed));
    }
    if (accepted != nullptr) return kDone;

    const auto& refusal = std::get<Refusal>(answer->outcome);
    if (!call.json) explain(refusal, answer->replayed);
    if (may_have_been_done(refusal)) tell_how_to_find_out(id);
    return exit_code_of(refusal.rule);
  });
}

ClientResult<std::unique_ptr<Client>> connect(const CallOptions& call) {
  auto options = client_options(call);
  if (!options) {
    return std::unexpected(
        ClientError{ClientErrorKind::unreachable, std::move(options.error()), std::nullopt});
  }
  return Client::connect(std::move(*options));
}

ExitCode tell(const CallOptions& call, const Refusal& refusal) {
  if (call.json) {
    print_line(json_of(refusal));
  } else {
    explain(refusal);
  }
  return exit_code_of(refusal.rule);
}

ExitCode tell(const CallOptions& call, const ClientError& error) {
  if (error.kind == ClientErrorKind::another_life) {
    if (call.json) {
      print_line(
          json::serialize(json::object{{"ok", false}, {"error", "another_life"}, {"message", error.what}}));
    } else {
      complain("refused: " + error.what);
    }
    return kRefused;
  }
  if (!error.rule) {
    complain("stockfold: " + error.what);
    return kFailed;
  }
  if (call.json) {
    print_line(json_of(*error.rule, error.what));
  } else {
    complain(fmt::format("stockfold: {}: {}", name_of(*error.rule), error.what));
  }
  return exit_code_of(*error.rule);
}

ExitCode tell_unknown(const CallOptions& call, StreamId subject) {
  Refusal refusal;
  refusal.rule = subject.kind == AggregateKind::order ? Rule::unknown_order : Rule::unknown_product;
  refusal.subject = std::move(subject);
  return tell(call, refusal);
}

}  // namespace stockfold
