// A list of many pages, printed page by page.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/text/json.h"
#include "tools/console/ask.h"
#include "tools/console/options.h"
#include "tools/console/print.h"

namespace stockfold {

/// Prints the rows that `read` gives for `request`, page after page, until the list or `limit` ends.
template <class Request, class Read>
ExitCode print_list(const CallOptions& call, Table table, Request request, std::uint64_t limit, Read read) {
  for (std::uint64_t left = limit;;) {
    request.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kMaxPageRows));
    const auto page = read(request);
    if (!page) return tell(call, page.error());

    for (const auto& [id, row] : page->rows) {
      if (call.json) {
        print_line(json_of(id, row, page->as_of));
      } else {
        add_row(table, id, row);
      }
    }
    if (!call.json) print(table.take());

    left -= page->rows.size();
    if (!page->next) return kDone;
    if (left == 0) {
      if (!call.json) complain(fmt::format("more with --from {}", page->next->view()));
      return kDone;
    }
    request.from = page->next;
  }
}

/// What the arguments of a subcommand `list` are read into.
template <class Request>
struct Listing {
  CallOptions call;
  Request request;
  std::optional<Moment> at;
  std::uint64_t limit = UINT64_MAX;
};

/// The subcommand `list` of a family. `add_filters(app, request)` adds the options that select rows.
template <class Request, class AddFilters>
void add_list(CLI::App& family, int& exit_code, const std::string& description, Table (*table)(),
              AddFilters add_filters) {
  CLI::App* app = family.add_subcommand("list", description);
  auto listing = std::make_shared<Listing<Request>>();
  add_filters(*app, listing->request);
  add_limit(*app, listing->limit);
  add_freshness(*app, listing->request.freshness);
  add_at(*app, listing->at);
  add_call_options(*app, listing->call);
  app->callback([listing, table, &exit_code] {
    exit_code = with_client(listing->call, [&listing, table](Client& client) {
      const auto read = [&](const Request& request) { return ask(client, request, listing->at); };
      return print_list(listing->call, table(), listing->request, listing->limit, read);
    });
  });
}

}  // namespace stockfold
