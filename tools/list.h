// A list that goes on over many pages, told as it comes.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "tools/ask.h"
#include "tools/json.h"
#include "tools/options.h"
#include "tools/print.h"

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

}  // namespace stockfold
