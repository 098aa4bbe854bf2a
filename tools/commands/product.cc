// stockfold product …
#include <string>

#include "tools/commands/commands.h"
#include "tools/console/list.h"
#include "tools/console/sending.h"
#include "tools/console/show.h"

namespace stockfold {
namespace {

/// A subcommand that sends a command about one product.
template <class Body>
SendingCommand<Body> add_command(CLI::App& product, int& exit_code, const std::string& name,
                                 const std::string& description) {
  auto command = add_sending<Body>(product, exit_code, name, description);
  add_argument(*command.app, "SKU", command.sending->body.sku, parse_sku, "the product")->required();
  return command;
}

void add_register(CLI::App& product, int& exit_code) {
  const auto [app, sending] =
      add_command<RegisterProduct>(product, exit_code, "register", "register a product");
  app->add_option("--name", sending->body.name, "name for people");
  add_number(*app, "--stock", sending->body.stock, 0, kMaxUnits, "initial stock (0)");
}

template <class Body>
void add_movement(CLI::App& product, int& exit_code, const std::string& name,
                  const std::string& description) {
  const auto [app, sending] = add_command<Body>(product, exit_code, name, description);
  add_argument(*app, "N", sending->body.quantity, parse_quantity, "number of units")->required();
  app->add_option("--reason", sending->body.reason, "why");
}

}  // namespace

void add_product(CLI::App& app, int& exit_code) {
  CLI::App* product = app.add_subcommand("product", "register, stock, retire, show and list products");
  product->require_subcommand(1);
  add_register(*product, exit_code);
  add_movement<ReceiveStock>(*product, exit_code, "receive", "add units to stock");
  add_movement<WriteOffStock>(*product, exit_code, "write-off", "remove units that cannot be sold");
  add_command<RetireProduct>(*product, exit_code, "retire", "stop taking orders for a product");
  add_show<ShowProduct>(*product, exit_code, "show its stock and its other counts",
                        [](CLI::App& show, ShowProduct& request) {
                          add_argument(show, "SKU", request.sku, parse_sku, "the product")->required();
                        });
  add_product_movements(*product, exit_code);
  add_list<ListProducts>(
      *product, exit_code, "list products by SKU", product_table, [](CLI::App& list, ListProducts& request) {
        add_argument(list, "--from", request.from, parse_sku, "the first SKU wanted")->type_name("SKU");
      });
}

}  // namespace stockfold
