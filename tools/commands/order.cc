// stockfold order …
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tools/commands/commands.h"
#include "tools/console/list.h"
#include "tools/console/sending.h"
#include "tools/console/show.h"

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

/// Whether ORDER was said right behind the SKU of a line, where a second line is more likely to be meant.
bool order_follows_a_line(const CLI::App& app) {
  const auto& said = app.parse_order();
  const auto order =
      std::ranges::find_if(said, [](const CLI::Option* option) { return option->get_positional(); });
  return order != said.end() && order != said.begin() && (*std::prev(order))->check_lname("line");
}

/// draft and place.
template <class Body>
CLI::Option* add_lines(CLI::App& order, int& exit_code, const std::string& name,
                       const std::string& description) {
  const auto [app, sending] = add_sending<Body>(order, exit_code, name, description);
  const auto read_order = [said = app](std::string_view text) -> Parsed<OrderId> {
    const bool is_meant = text.starts_with('-');  // which only "--" before it makes an argument
    if (is_meant || !order_follows_a_line(*said)) return parse_order(text);
    return std::unexpected('"' + std::string(text) +
                           "\" follows a line: say --line again for each line, and ORDER before them");
  };
  add_argument(*app, "ORDER", sending->body.order, read_order, "its id; left out, the ledger assigns one");
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

void add_filters(CLI::App& list, ListOrders& request) {
  add_argument(list, "--status", request.status, parse_status, "draft, in_progress, aborted or fulfilled")
      ->type_name("STATUS");
  add_argument(list, "--product", request.product, parse_sku, "only orders with a line of this SKU")
      ->type_name("SKU");
  add_argument(list, "--from", request.from, parse_order, "the first id wanted")->type_name("ID");
}

}  // namespace

void add_order(CLI::App& app, int& exit_code) {
  CLI::App* order = app.add_subcommand("order", "orders: drafted, placed, and aborted or fulfilled");
  order->require_subcommand(1);
  add_lines<DraftOrder>(*order, exit_code, "draft", "write an order down; it takes no stock yet")->required();
  add_lines<PlaceOrder>(*order, exit_code, "place", "take stock for an order; without --line, for a draft");
  add_end<AbortOrder>(*order, exit_code, "abort", "end an order and give its stock back");
  add_end<FulfilOrder>(*order, exit_code, "fulfil", "end an order and keep its stock taken");
  add_show<ShowOrder>(*order, exit_code, "its status and lines", [](CLI::App& show, ShowOrder& request) {
    add_argument(show, "ORDER", request.order, parse_order, "the order")->required();
  });
  add_list<ListOrders>(*order, exit_code, "every order, in order of id", order_table, add_filters);
}

}  // namespace stockfold
