// GET requests as questions to the ledger. One function a route; routes.cc names them.
#pragma once

#include <variant>

#include "server/http/asks.h"
#include "server/http/match.h"

namespace stockfold {

HttpRead<HttpQuestion> list_products(const HttpMatch& match);
HttpRead<HttpQuestion> list_orders(const HttpMatch& match);
HttpRead<HttpQuestion> show_product(const HttpMatch& match);
HttpRead<HttpQuestion> show_order(const HttpMatch& match);
HttpRead<HttpQuestion> read_movements(const HttpMatch& match);
HttpRead<HttpQuestion> show_head(const HttpMatch& match);
HttpRead<HttpExplain> explain_product(const HttpMatch& match);
HttpRead<HttpExplain> explain_order(const HttpMatch& match);

/// Events up to the head, or without end: as `follow` or the header Accept asks.
using HttpEventsRead = std::variant<HttpQuestion, HttpFollow>;
HttpRead<HttpEventsRead> read_events(const HttpMatch& match);

}  // namespace stockfold
