// stockfold explain …
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "protocol/text/statement_reader.h"
#include "tools/commands/commands.h"
#include "tools/console/ask.h"
#include "tools/console/fault_text.h"
#include "tools/console/print.h"
#include "tools/reports/statement_form.h"

namespace stockfold {
namespace {

struct Explaining {
  CallOptions call;
  Freshness freshness;
  std::optional<Moment> from;
  std::optional<Moment> at;
  bool csv = false;
  std::uint64_t limit = UINT64_MAX;

  [[nodiscard]] Form form() const {
    if (call.json) return Form::json;
    return csv ? Form::csv : Form::text;
  }
  [[nodiscard]] StatementQuery query(StreamId subject) const {
    return {.subject = std::move(subject), .from = from, .at = at, .limit = limit, .freshness = freshness};
  }
};

using StatementResult = ClientResult<StatementReply>;

StatementResult reply_to(Client& client, const FindPosition& request) {
  const auto position = client.position_at(request.time);
  if (!position) return std::unexpected(position.error());
  return PositionReply{*position};
}
StatementResult reply_to(Client& client, const ReadEvents& request) { return client.events(request); }
StatementResult reply_to(Client& client, const ShowProduct& request) {
  return client.product(request.sku, request.freshness);
}

/// Prints the statement while it is read, so the part before a fault is printed, too.
ExitCode print_statement(Client& client, const Explaining& explaining, const StreamId& subject,
                         StatementReader& reader, StatementForm& form) {
  while (const auto request = reader.next()) {
    const auto reply = std::visit([&](const auto& of_kind) { return reply_to(client, of_kind); }, *request);
    if (!reply) return tell(explaining.call, reply.error());
    const auto taken = reader.take(*reply);
    print_data(form.take());
    if (!taken) return tell(taken.error());
  }
  if (reader.is_unknown()) return tell_unknown(explaining.call, subject);
  const bool names_rest = reader.more() && explaining.form() == Form::text;
  if (names_rest) complain(fmt::format("more with --from {}", reader.more()->value()));
  return kDone;
}

ExitCode explain(const Explaining& explaining, const Sku& sku) {
  return with_client(explaining.call, [&](Client& client) {
    const auto form = product_form(explaining.form(), sku);
    ProductStatementReader reader(explaining.query(StreamId::of(sku)), sku, *form);
    return print_statement(client, explaining, StreamId::of(sku), reader, *form);
  });
}

ExitCode explain(const Explaining& explaining, const OrderId& id) {
  return with_client(explaining.call, [&](Client& client) {
    const auto form = order_form(explaining.form(), id);
    OrderStatementReader reader(explaining.query(StreamId::of(id)), id, *form);
    return print_statement(client, explaining, StreamId::of(id), reader, *form);
  });
}

template <class Id>
void add_subject(CLI::App& explain_app, int& exit_code, const std::string& name, const std::string& argument,
                 Parsed<Id> (*parse)(std::string_view), const std::string& description) {
  struct Subject {
    Explaining explaining;
    Id id;
  };
  CLI::App* app = explain_app.add_subcommand(name, description);
  auto subject = std::make_shared<Subject>();
  Explaining& explaining = subject->explaining;
  add_argument(*app, argument, subject->id, parse, "the " + name)->required();
  add_argument(*app, "--from", explaining.from, parse_moment,
               "the first event counted; the opening is before it")
      ->type_name("P|TIME");
  add_argument(*app, "--at", explaining.at, parse_moment, "the last event counted (the latest)")
      ->type_name("P|TIME");
  add_limit(*app, explaining.limit);
  add_freshness(*app, explaining.freshness);
  add_call_options(*app, explaining.call);
  app->add_flag("--csv", explaining.csv, "records for spreadsheets")->excludes("--json");
  app->callback([subject, &exit_code] { exit_code = explain(subject->explaining, subject->id); });
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  CLI::App* explain_app = app.add_subcommand("explain", "explain a number by the events that made it");
  explain_app->require_subcommand(1);
  add_subject<Sku>(*explain_app, exit_code, "product", "SKU", parse_sku,
                   "its stock, movement by movement, like a bank statement");
  add_subject<OrderId>(*explain_app, exit_code, "order", "ORDER", parse_order,
                       "its events, and the stock of its products after each");
}

}  // namespace stockfold
