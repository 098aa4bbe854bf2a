// stockfold product …
#include <memory>
#include <optional>

#include "tools/ask.h"
#include "tools/commands.h"
#include "tools/list.h"
#include "tools/sending.h"

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
      add_command<RegisterProduct>(product, exit_code, "register", "make a product known");
  app->add_option("--name", sending->body.name, "what people call it");
  add_number(*app, "--stock", sending->body.stock, 0, kMaxUnits, "its first stock (0)");
}

template <class Body>
void add_movement(CLI::App& product, int& exit_code, const std::string& name,
                  const std::string& description) {
  const auto [app, sending] = add_command<Body>(product, exit_code, name, description);
  add_argument(*app, "N", sending->body.quantity, parse_quantity, "how many units")->required();
  app->add_option("--reason", sending->body.reason, "why");
}

struct Showing {
  CallOptions call;
  ShowProduct request;
  std::optional<Moment> at;
};

ExitCode show(const Showing& showing) {
  return with_client(showing.call, [&showing](Client& client) {
    const auto reply = ask(client, showing.request, showing.at);
    if (!reply) return tell(showing.call, reply.error());
    if (!reply->product) return tell_unknown(showing.call, StreamId::of(showing.request.sku));

    print_line(showing.call.json ? json_of(showing.request.sku, *reply->product, reply->as_of)
                                 : text_of(showing.request.sku, *reply->product, reply->as_of));
    return kDone;
  });
}

void add_show(CLI::App& product, int& exit_code) {
  CLI::App* app = product.add_subcommand("show", "its stock, and where the rest of it went");
  auto showing = std::make_shared<Showing>();
  add_argument(*app, "SKU", showing->request.sku, parse_sku, "the product")->required();
  add_freshness(*app, showing->request.freshness);
  add_at(*app, showing->at);
  add_call_options(*app, showing->call);
  app->callback([showing, &exit_code] { exit_code = show(*showing); });
}

struct Listing {
  CallOptions call;
  ListProducts request;
  std::optional<Moment> at;
  std::uint64_t limit = UINT64_MAX;
};

void add_list(CLI::App& product, int& exit_code) {
  CLI::App* app = product.add_subcommand("list", "every product, in order of SKU");
  auto listing = std::make_shared<Listing>();
  add_argument(*app, "--from", listing->request.from, parse_sku, "the first SKU wanted")->type_name("SKU");
  add_limit(*app, listing->limit);
  add_freshness(*app, listing->request.freshness);
  add_at(*app, listing->at);
  add_call_options(*app, listing->call);
  app->callback([listing, &exit_code] {
    exit_code = with_client(listing->call, [&listing](Client& client) {
      const auto read = [&](const ListProducts& request) { return ask(client, request, listing->at); };
      return print_list(listing->call, product_table(), listing->request, listing->limit, read);
    });
  });
}

}  // namespace

void add_product(CLI::App& app, int& exit_code) {
  CLI::App* product = app.add_subcommand("product", "products and their stock");
  product->require_subcommand(1);
  add_register(*product, exit_code);
  add_movement<ReceiveStock>(*product, exit_code, "receive", "put units in");
  add_movement<WriteOffStock>(*product, exit_code, "write-off", "take units out that cannot be sold");
  add_command<RetireProduct>(*product, exit_code, "retire", "take no more orders for it");
  add_show(*product, exit_code);
  add_product_movements(*product, exit_code);
  add_list(*product, exit_code);
}

}  // namespace stockfold
