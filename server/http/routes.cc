#include "server/http/routes.h"

#include <algorithm>
#include <utility>

#include "core/overloaded.h"
#include "server/http/batch_commands.h"
#include "server/http/commands.h"
#include "server/http/headers.h"
#include "server/http/outcome_answer.h"
#include "server/http/reply_answer.h"
#include "server/http/route.h"

namespace stockfold {

namespace {

using Methods = std::array<std::string_view, 3>;
constexpr Methods kGet = {"GET"};
constexpr Methods kPost = {"POST"};
constexpr Methods kAct = {"POST", "PUT", "PATCH"};
constexpr std::optional<Scope> kNoScope = std::nullopt;

constexpr Route command(const Methods& methods, const RoutePath& path,
                        HttpRead<HttpCommand> (*read)(const HttpMatch&)) {
  return {methods, path, Scope::command, CommandRoute{read, render_outcome}};
}
constexpr Route question(const RoutePath& path, QueryKind counted_as,
                         HttpRead<HttpQuestion> (*read)(const HttpMatch&), RenderReply render) {
  return {kGet, path, Scope::read, QuestionRoute{read, render, counted_as}};
}
constexpr Route statement(const RoutePath& path, HttpRead<HttpExplain> (*read)(const HttpMatch&)) {
  return {kGet, path, Scope::read, StatementRoute{read, render_statement, QueryKind::read_events}};
}

constexpr std::array kRoutes = {
    question({"order"}, QueryKind::list_orders, list_orders, render_orders),
    command(kPost, {"order"}, make_order),
    question({"order", "*"}, QueryKind::show_order, show_order, render_order),
    statement({"order", "*", "explain"}, explain_order),
    command(kAct, {"order", "*", "place"}, place_draft),
    command(kAct, {"order", "*", "abort"}, abort_order),
    command(kAct, {"order", "*", "fulfil"}, fulfil_order),
    command(kAct, {"order", "*", "fulfill"}, fulfil_order),

    question({"product"}, QueryKind::list_products, list_products, render_products),
    command(kPost, {"product"}, register_product),
    question({"product", "*"}, QueryKind::show_product, show_product, render_product),
    statement({"product", "*", "explain"}, explain_product),
    question({"product", "*", "movements"}, QueryKind::read_zone_movements, read_movements, render_movements),
    command(kPost, {"product", "*", "receive"}, receive_stock),
    command(kPost, {"product", "*", "write-off"}, write_off_stock),
    command(kPost, {"product", "*", "retire"}, retire_product),

    Route{kPost, {"batch"}, Scope::command, BatchRoute{read_batch}},

    Route{kGet,
          {"events"},
          Scope::read,
          EventsRoute{read_events, render_events, QueryKind::read_events, QueryKind::follow_events}},
    question({"head"}, QueryKind::show_head, show_head, render_head),

    Route{kGet, {"health", "live"}, kNoScope, ProbeRoute{HttpProbe::live}},
    Route{kGet, {"health", "ready"}, kNoScope, ProbeRoute{HttpProbe::ready}},
    Route{kGet, {"metrics"}, Scope::read, ProbeRoute{HttpProbe::metrics}},

    Route{kGet, {}, kNoScope, PageRoute{"index.html"}},
    Route{kGet, {"assets", "*"}, kNoScope, PageRoute{}},
    Route{kGet, {"openapi.json"}, kNoScope, PageRoute{"openapi.json"}},
};

HttpAsk read_command(const CommandRoute& route, const HttpMatch& match) {
  auto command = route.read(match);
  if (!command) return std::move(command.error());
  command->render = route.render;
  return *std::move(command);
}

HttpAsk read_commands(const BatchRoute& route, const HttpMatch& match) {
  auto batch = route.read(match);
  if (!batch) return std::move(batch.error());
  return *std::move(batch);
}

HttpQuestion counted(HttpQuestion question, RenderReply render, QueryKind kind) {
  question.render = render;
  question.counted_as = std::holds_alternative<At>(question.request) ? QueryKind::at : kind;
  return question;
}

HttpAsk read_question(const QuestionRoute& route, const HttpMatch& match) {
  auto question = route.read(match);
  if (!question) return std::move(question.error());
  return counted(*std::move(question), route.render, route.counted_as);
}

HttpAsk read_statement(const StatementRoute& route, const HttpMatch& match) {
  auto statement = route.read(match);
  if (!statement) return std::move(statement.error());
  statement->render = route.render;
  statement->counted_as = route.counted_as;
  return *std::move(statement);
}

HttpAsk read_or_follow(const EventsRoute& route, const HttpMatch& match) {
  auto events = route.read(match);
  if (!events) return std::move(events.error());
  if (auto* follow = std::get_if<HttpFollow>(&*events)) {
    follow->counted_as = route.followed_as;
    return std::move(*follow);
  }
  return counted(std::get<HttpQuestion>(*std::move(events)), route.render, route.counted_as);
}

HttpAsk read_page(const PageRoute& route, const HttpMatch& match) {
  const PageFile* file = page_file(route.file.empty() ? match.id : route.file);
  if (file == nullptr) return no_such_path();
  return HttpPage{file, all_of(match.request, "If-None-Match")};
}

}  // namespace

bool Route::leads(const std::vector<std::string>& to) const {
  if (to.size() > path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i >= to.size()) return path[i].empty();
    const bool fits = path[i] == "*" || path[i] == to[i];
    if (!fits || to[i].empty()) return false;
  }
  return true;
}

bool Route::takes(std::string_view method) const {
  return !method.empty() && std::ranges::find(methods, method) != methods.end();
}

HttpAsk Route::read(const HttpMatch& match) const {
  return std::visit(Overloaded{
                        [&](const CommandRoute& route) { return read_command(route, match); },
                        [&](const BatchRoute& route) { return read_commands(route, match); },
                        [&](const QuestionRoute& route) { return read_question(route, match); },
                        [&](const StatementRoute& route) { return read_statement(route, match); },
                        [&](const EventsRoute& route) { return read_or_follow(route, match); },
                        [&](const ProbeRoute& route) { return HttpAsk(route.probe); },
                        [&](const PageRoute& route) { return read_page(route, match); },
                    },
                    kind);
}

std::span<const Route> all_routes() { return kRoutes; }

}  // namespace stockfold
