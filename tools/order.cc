// stockfold order …
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/ask.h"
#include "tools/commands.h"
#include "tools/list.h"
#include "tools/sending.h"

namespace stockfold {
namespace {

Lines read_lines(const std::vector<std::string>& texts) {
  Lines lines;
  for (const std::string& text : texts) {
    const auto line = parse_line(text);
    if (!line) throw CLI::ValidationError("--line", line.error());
    lines.push_back(*line);
  }
  auto normal = normalise(std::move(lines));
  if (!normal) throw CLI::ValidationError("--line", normal.error());
  return *std::move(normal);
}

/// draft and place.
template <class Body>
CLI::Option* add_lines(CLI::App& order, int& exit_code, const std::string& name,
                       const std::string& description) {
  const auto [app, sending] = add_sending<Body>(order, exit_code, name, description);
  add_argument(*app, "ORDER", sending->body.order, parse_order, "its id; left out, the ledger assigns one");
  const auto read = [&body = sending->body](const std::vector<std::string>& texts) {
    body.lines = read_lines(texts);
  };
  return app
      ->template add_option_function<std::vector<std::string>>("--line", read,
                                                               "SKU or SKU=N; once for every line")
      ->type_name("SKU[=N]")
      ->allow_extra_args(false);
}

/// abort and fulfil.
template <class Body>
void add_end(CLI::App& order, int& exit_code, const std::string& name, const std::string& description) {
  const auto [app, sending] = add_sending<Body>(order, exit_code, name, description);
  add_argument(*app, "ORDER", sending->body.order, parse_order, "the order")->required();
  app->add_option("--reason", sending->body.reason, "why");
}

struct Showing {
  CallOptions call;
  ShowOrder request;
  std::optional<Moment> at;
};

ExitCode show(const Showing& showing) {
  return with_client(showing.call, [&showing](Client& client) {
    const auto reply = ask(client, showing.request, showing.at);
    if (!reply) return tell(showing.call, reply.error());
    if (!reply->state) return tell_unknown(showing.call, StreamId::of(showing.request.order));

    print_line(showing.call.json ? json_of(showing.request.order, *reply->state, reply->as_of)
                                 : text_of(showing.request.order, *reply->state, reply->as_of));
    return kDone;
  });
}

void add_show(CLI::App& order, int& exit_code) {
  CLI::App* app = order.add_subcommand("show", "its status and lines");
  auto showing = std::make_shared<Showing>();
  add_argument(*app, "ORDER", showing->request.order, parse_order, "the order")->required();
  add_freshness(*app, showing->request.freshness);
  add_at(*app, showing->at);
  add_call_options(*app, showing->call);
  app->callback([showing, &exit_code] { exit_code = show(*showing); });
}

struct Listing {
  CallOptions call;
  ListOrders request;
  std::optional<Moment> at;
  std::uint64_t limit = UINT64_MAX;
};

void add_list(CLI::App& order, int& exit_code) {
  CLI::App* app = order.add_subcommand("list", "every order, in order of id");
  auto listing = std::make_shared<Listing>();
  add_argument(*app, "--status", listing->request.status, parse_status,
               "draft, in_progress, aborted or fulfilled")
      ->type_name("STATUS");
  add_argument(*app, "--product", listing->request.product, parse_sku, "only orders with a line of this SKU")
      ->type_name("SKU");
  add_argument(*app, "--from", listing->request.from, parse_order, "the first id wanted")->type_name("ID");
  add_limit(*app, listing->limit);
  add_freshness(*app, listing->request.freshness);
  add_at(*app, listing->at);
  add_call_options(*app, listing->call);
  app->callback([listing, &exit_code] {
    exit_code = with_client(listing->call, [&listing](Client& client) {
      const auto read = [&](const ListOrders& request) { return ask(client, request, listing->at); };
      return print_list(listing->call, order_table(), listing->request, listing->limit, read);
    });
  });
}

}  // namespace

void add_order(CLI::App& app, int& exit_code) {
  CLI::App* order = app.add_subcommand("order", "orders: drafted, placed, and aborted or fulfilled");
  order->require_subcommand(1);
  add_lines<DraftOrder>(*order, exit_code, "draft", "write an order down; it takes no stock yet")->required();
  add_lines<PlaceOrder>(*order, exit_code, "place", "take stock for an order; without --line, for a draft");
  add_end<AbortOrder>(*order, exit_code, "abort", "end an order and give its stock back");
  add_end<FulfilOrder>(*order, exit_code, "fulfil", "end an order and keep its stock taken");
  add_show(*order, exit_code);
  add_list(*order, exit_code);
}

}  // namespace stockfold
