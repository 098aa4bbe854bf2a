// Every route of the REST interface, declared once: methods, path, scope, how its request is read, how the
// result is rendered, and as what the metrics count it.
//
// To add a route: add an entry to kRoutes in routes.cc, write the function that reads its request
// (questions.h or commands.h) and, where none fits, the one that renders the reply (reply_answer.h). Then
// describe it in openapi.json and docs/HTTP.md; a test compares the table with the description.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/scope.h"
#include "server/http/asks.h"
#include "server/http/match.h"
#include "server/http/questions.h"
#include "server/metrics/query_kind.h"

namespace stockfold {

/// A command. The metrics count it by the kind of the command.
struct CommandRoute {
  HttpRead<HttpCommand> (*read)(const HttpMatch& match);
  RenderOutcome render;
};
/// Commands that are done together. The metrics count each by its kind.
struct BatchRoute {
  HttpRead<HttpBatch> (*read)(const HttpMatch& match);
};
/// A question. About the past it counts as QueryKind::at.
struct QuestionRoute {
  HttpRead<HttpQuestion> (*read)(const HttpMatch& match);
  RenderReply render;
  QueryKind counted_as;
};
/// A page of a statement.
struct StatementRoute {
  HttpRead<HttpExplain> (*read)(const HttpMatch& match);
  RenderStatement render;
  QueryKind counted_as;
};
/// Events: a page of them, which is rendered, or all that follow, which are streamed (event_stream.h).
struct EventsRoute {
  HttpRead<HttpEventsRead> (*read)(const HttpMatch& match);
  RenderReply render;
  QueryKind counted_as;
  QueryKind followed_as;
};
/// The state of the program. Not counted.
struct ProbeRoute {
  HttpProbe probe;
};
/// A file of the page. Not counted.
struct PageRoute {
  std::string_view file;  ///< Empty: the one that the path names.
};

/// The segments of a path; "*" stands for an id. Segments that the path lacks are empty.
using RoutePath = std::array<std::string_view, 3>;

/// In the place of an id in a path: the id is the parameter `id` of the query, if that is there. Some proxies
/// decode a path, and an id with a slash in it would become two segments.
inline constexpr std::string_view kIdInQuery = "-";

struct Route {
  std::array<std::string_view, 3> methods;
  RoutePath path;
  std::optional<Scope> scope;  ///< That the caller's token needs; empty: the route needs no token.
  std::variant<CommandRoute, BatchRoute, QuestionRoute, StatementRoute, EventsRoute, ProbeRoute, PageRoute>
      kind;

  [[nodiscard]] bool leads(const std::vector<std::string>& to) const;
  [[nodiscard]] bool takes(std::string_view method) const;
  /// What a request that the route takes asks for.
  [[nodiscard]] HttpAsk read(const HttpMatch& match) const;
};

/// All of them. At most one takes a given method and path.
[[nodiscard]] std::span<const Route> all_routes();

}  // namespace stockfold
