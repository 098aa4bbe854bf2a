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

/// Whether ORDER follows the SKU of a line directly. The caller probably means a second line then.
bool order_follows_a_line(const CLI::App& app) {
  const auto& given = app.parse_order();
  const auto order =
      std::ranges::find_if(given, [](const CLI::Option* option) { return option->get_positional(); });
  return order != given.end() && order != given.begin() && (*std::prev(order))->check_lname("line");
}

/// draft and place.
template <class Body>
CLI::Option* add_lines(CLI::App& order, int& exit_code, const std::string& name,
                       const std::string& description) {
  const auto [app, sending] = add_sending<Body>(order, exit_code, name, description);
  const auto read_order = [command = app](std::string_view text) -> Parsed<OrderId> {
    const bool is_meant = text.starts_with('-');  // which only "--" before it makes an argument
    if (is_meant || !order_follows_a_line(*command)) return parse_order(text);
    return std::unexpected('"' + std::string(text) +
                           "\" follows a line: repeat --line for each line, and put ORDER before them");
  };
  add_argument(*app, "ORDER", sending->body.order, read_order, "order id (default: the ledger assigns one)");
  const auto read = [&body = sending->body](const std::vector<std::string>& texts) {
    body.lines = read_lines(texts);
  };
  return app
      ->template add_option_function<std::vector<std::string>>(
          "--line", read,
          "SKU for one unit, or SKU=N, where N follows the last =;\n"
          "repeat for each line")
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
  add_argument(list, "--from", request.from, parse_order, "first id")->type_name("ID");
}

}  // namespace

void add_order(CLI::App& app, int& exit_code) {
  CLI::App* order = app.add_subcommand("order", "draft, place, abort, fulfill, show and list orders");
  order->require_subcommand(1);
  add_lines<DraftOrder>(*order, exit_code, "draft", "record an order without taking stock")->required();
  add_lines<PlaceOrder>(*order, exit_code, "place", "take stock for an order; without --line, place a draft");
  add_end<AbortOrder>(*order, exit_code, "abort", "abort an order and return its stock");
  add_end<FulfilOrder>(*order, exit_code, "fulfil", "fulfill an order; its stock stays taken");
  add_show<ShowOrderHistory>(
      *order, exit_code,
      "show its status and lines, and when and by whom it was placed, aborted or fulfilled",
      [](CLI::App& show, ShowOrderHistory& request) {
        add_argument(show, "ORDER", request.order, parse_order, "the order")->required();
      });
  add_list<ListOrders>(*order, exit_code, "list orders by id", order_table, add_filters);
}

}  // namespace stockfold
