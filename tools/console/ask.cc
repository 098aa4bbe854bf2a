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
         error.code == ErrorCode::outcome_unknown;
}

/// Prints for people why a command was not done.
void explain(const Answer& answer) {
  const ExitCode code = exit_code_of(answer);
  const bool by_rule = code == kRefused || code == kConflict;
  const char* of_before =
      answer.replayed ? "; this is the recorded outcome of this command id: use a new id for a new attempt"
                      : "";
  complain((by_rule ? "refused: " : "stockfold: ") + message_of(answer) + of_before);
}

/// Whether the ledger answered without a look at the command id. Then an earlier attempt may have been done,
/// such as one whose connection was lost.
bool may_have_been_done(const Answer& answer) {
  const auto* failure = std::get_if<Failure>(&answer.outcome);
  return failure != nullptr &&
         (failure->code == ErrorCode::overloaded || failure->code == ErrorCode::outcome_unknown);
}

template <class NotDone>
ExitCode tell_not_done(const CallOptions& call, const NotDone& not_done) {
  const Answer answer{not_done};
  if (call.json) {
    print_line(json_of(not_done));
  } else {
    explain(answer);
  }
  return exit_code_of(answer);
}

void tell_how_to_find_out(const CommandId& id) {
  complain(
      fmt::format("stockfold: the command may have been done; to find out, repeat it with --command-id {}",
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
  if (!reply && reply.error().code == ErrorCode::invalid_argument) reply.error().what.insert(0, "--");
  return reply;
}

/// Pages of a past state are of one instant; pages of the present need not be.
template <class Reply>
void pin(const ClientResult<Reply>& page, std::optional<Moment>& at) {
  if (page && at) at = page->as_of;
}

}  // namespace

ClientResult<ProductReply> ask(Client& client, const ShowProduct& request, const std::optional<Moment>& at) {
  return at ? ask_at(client, request, *at) : client.product(request.sku, request.freshness);
}

ClientResult<OrderHistoryReply> ask(Client& client, const ShowOrderHistory& request,
                                    const std::optional<Moment>& at) {
  return at ? ask_at(client, request, *at) : client.order_history(request.order, request.freshness);
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
  if (wrong) return tell(call, Failure(ErrorCode::invalid_argument, *std::move(wrong)));

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

    if (!call.json) explain(*answer);
    if (may_have_been_done(*answer)) tell_how_to_find_out(id);
    return exit_code_of(*answer);
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

ExitCode tell(const CallOptions& call, const Refusal& refusal) { return tell_not_done(call, refusal); }

ExitCode tell(const CallOptions& call, const Failure& failure) { return tell_not_done(call, failure); }

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
  if (!error.code) {
    complain("stockfold: " + error.what);
    return kFailed;
  }
  if (call.json) {
    print_line(json_of(*error.code, error.what));
  } else {
    complain(fmt::format("stockfold: {}: {}", name_of(*error.code), error.what));
  }
  return exit_code_of(*error.code);
}

ExitCode tell_unknown(const CallOptions& call, StreamId subject) {
  Refusal refusal;
  refusal.rule = subject.kind == AggregateKind::order ? Rule::unknown_order : Rule::unknown_product;
  refusal.subject = std::move(subject);
  return tell(call, refusal);
}

}  // namespace stockfold
