// Replies to questions as HTTP answers: one function a route; routes.cc names them. Pure.
#pragma once

#include <optional>
#include <string>

#include "protocol/messages.h"
#include "server/http/answer.h"
#include "server/http/asks.h"
#include "server/queries/explain.h"

namespace stockfold {

/// An error as a problem; any other reply as the question's route renders it. `life`: of the log, here and
/// below.
[[nodiscard]] HttpAnswer answer_to(const HttpQuestion& asked, const Reply& reply, const std::string& life);
/// The same for a statement. `explained` is empty if there is no such product or order.
[[nodiscard]] HttpAnswer answer_to(const HttpExplain& asked, std::optional<Explanation> explained,
                                   const std::string& life);

// RenderReply. A reply that is not the question's is a problem.
HttpAnswer render_product(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_order(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_products(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_orders(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_movements(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_events(const HttpQuestion& asked, const Reply& reply, const std::string& life);
HttpAnswer render_head(const HttpQuestion& asked, const Reply& reply, const std::string& life);

// RenderStatement.
HttpAnswer render_statement(const HttpExplain& asked, std::optional<Explanation> explained,
                            const std::string& life);

}  // namespace stockfold
