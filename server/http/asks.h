// What HTTP requests ask for, once their route has read them. Pure: no socket, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/command.h"
#include "core/event.h"
#include "core/numbers.h"
#include "protocol/answer.h"
#include "protocol/messages.h"
#include "protocol/text/statement_reader.h"
#include "server/http/page/page.h"
#include "server/http/problem.h"
#include "server/metrics/query_kind.h"

namespace stockfold {

struct AskedCommand;
struct Explanation;
struct HttpAnswer;
struct HttpExplain;
struct HttpQuestion;

// How a route renders what the ledger returns. `life`: of the log.

/// `lines`: of the order that an accepted command is about; not read where it is about a product.
using RenderOutcome = HttpAnswer (*)(const AskedCommand& asked, const Answer& answer, const Lines& lines);
/// `reply` is no error.
using RenderReply = HttpAnswer (*)(const HttpQuestion& asked, const Reply& reply, const std::string& life);
/// `explained` is empty where there is no such product or order.
using RenderStatement = HttpAnswer (*)(const HttpExplain& asked, std::optional<Explanation> explained,
                                       const std::string& life);

/// A command as the client sent it: not yet admitted.
struct HttpCommand {
  Command command;
  std::string life;                ///< Of the log that the request refers to; empty: it names none.
  RenderOutcome render = nullptr;  ///< Never null in what a route has read.
  friend bool operator==(const HttpCommand&, const HttpCommand&) = default;
};

/// Commands that are done together.
struct HttpBatch {
  std::vector<Command> commands;               ///< As a client sent them; those that are unread are empty.
  std::vector<std::optional<Failure>> unread;  ///< Of each command, what is wrong with its fields.
  bool atomic = false;
  std::string life;  ///< As above.
  friend bool operator==(const HttpBatch&, const HttpBatch&) = default;
};

/// A request of the protocol other than a command, and what else its answer depends on.
struct HttpQuestion {
  Request request;
  std::string if_none_match;        ///< As it was sent; empty: not.
  std::string next_page;            ///< Of lists and events: see next_page() of query.h.
  std::vector<EventType> types;     ///< Of events: only those; all where there are none.
  std::string life;                 ///< As above.
  std::optional<UnixMillis> until;  ///< Of events: none that is later.
  GlobalPosition wait_for;          ///< The log holds this position before the request is asked.
  RenderReply render = nullptr;     ///< As above.
  QueryKind counted_as = QueryKind::read_events;
  friend bool operator==(const HttpQuestion&, const HttpQuestion&) = default;
};

/// A page of a statement.
struct HttpExplain {
  StatementQuery what;
  std::string next_page;             ///< As above.
  std::string life;                  ///< As above.
  RenderStatement render = nullptr;  ///< As above.
  QueryKind counted_as = QueryKind::read_events;
  friend bool operator==(const HttpExplain&, const HttpExplain&) = default;
};

/// Events without end. Their answer is the connection's last.
struct HttpFollow {
  FollowTypes what;             ///< All types where none is named.
  bool as_server_sent = false;  ///< Server-sent events; else JSON Lines.
  bool heartbeats = false;      ///< JSON Lines: heartbeats are objects; else they are empty lines.
  std::string life;             ///< As above.
  GlobalPosition wait_for;      ///< As above.
  QueryKind counted_as = QueryKind::follow_events;
  friend bool operator==(const HttpFollow&, const HttpFollow&) = default;
};

/// Which methods a path takes.
struct HttpMethods {
  std::string allow;
  friend bool operator==(const HttpMethods&, const HttpMethods&) = default;
};

/// A file of the page.
struct HttpPage {
  const PageFile* file = nullptr;  ///< Never null.
  std::string if_none_match;       ///< As it was sent; empty: not.
  friend bool operator==(const HttpPage&, const HttpPage&) = default;
};

enum class HttpProbe : std::uint8_t { live, ready, metrics };

using HttpAsk = std::variant<HttpCommand, HttpBatch, HttpQuestion, HttpExplain, HttpFollow, HttpProbe,
                             HttpPage, HttpMethods, HttpProblem>;

}  // namespace stockfold
