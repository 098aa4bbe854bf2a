// What an HTTP request asks the ledger for. Pure: no socket, no clock. The routes are docs/HTTP.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/command.h"
#include "core/event.h"
#include "core/ids.h"
#include "protocol/messages.h"
#include "protocol/text/statement_reader.h"
#include "server/http/fields.h"
#include "server/http/headers.h"
#include "server/http/page/page.h"
#include "server/http/problem.h"

namespace stockfold {

/// A request other than a command, and what else its answer depends on.
struct HttpQuestion {
  Request request;
  std::string if_none_match;        ///< As it was sent; empty: not.
  std::string next_page;            ///< Of lists and events: see next_page() of http_query.h.
  std::vector<EventType> types;     ///< Of events: only those; all where there are none.
  std::string life;                 ///< Of the log, that its positions are of; empty: it does not say.
  std::optional<UnixMillis> until;  ///< Of events: none that is later.
  GlobalPosition wait_for;          ///< Ask no sooner than the log is there.
  friend bool operator==(const HttpQuestion&, const HttpQuestion&) = default;
};

/// A command as it was sent: not yet admitted.
struct HttpCommand {
  Command command;
  std::string life;  ///< As above: of what it names.
  friend bool operator==(const HttpCommand&, const HttpCommand&) = default;
};

/// A page of a statement.
struct HttpExplain {
  StatementQuery what;
  std::string next_page;  ///< As above.
  std::string life;       ///< As above.
  friend bool operator==(const HttpExplain&, const HttpExplain&) = default;
};

/// Events without end. Their answer is the connection's last.
struct HttpFollow {
  FollowTypes what;             ///< All types where none is named.
  bool as_server_sent = false;  ///< Server-sent events, and not JSON Lines.
  bool heartbeats = false;      ///< Of lines: heartbeats are lines as well, and not empty.
  std::string life;             ///< As above.
  GlobalPosition wait_for;      ///< As above.
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

using HttpAsk = std::variant<HttpCommand, HttpQuestion, HttpExplain, HttpFollow, HttpProbe, HttpPage,
                             HttpMethods, HttpProblem>;

/// HEAD asks for what GET does. A POST may stand for PUT or PATCH, by `_method` in its form or query or by
/// the header X-HTTP-Method-Override.
[[nodiscard]] HttpAsk route(const HttpRequest& request);

/// The life of the log that what the request names is of; empty where it does not say.
[[nodiscard]] std::string life_in(const HttpAsk& ask);

}  // namespace stockfold
