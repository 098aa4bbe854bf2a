// Requests with one answer: commands, questions, rebuilds.
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "projections/views.h"
#include "server/ledger/admit.h"
#include "server/tcp/session.h"

namespace stockfold {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

std::optional<std::string> cut(std::optional<std::string> row) {
  if (row && row->size() > kMaxShownBytes) row->resize(kMaxShownBytes);
  return row;
}

RebuiltReply::Finding sent(RebuildFinding finding) {
  switch (finding) {
    case RebuildFinding::same:
      return RebuiltReply::Finding::same;
    case RebuildFinding::differs:
      return RebuiltReply::Finding::differs;
    case RebuildFinding::nothing:
      break;
  }
  return RebuiltReply::Finding::nothing_to_compare;
}

RebuiltReply reply_with(RebuiltView rebuilt) {
  RebuiltReply reply{.view = std::move(rebuilt.view),
                     .position = rebuilt.position,
                     .rows = rebuilt.rows,
                     .digest = rebuilt.digest,
                     .finding = sent(rebuilt.finding),
                     .live = rebuilt.live,
                     .difference = std::nullopt,
                     .reason = std::move(rebuilt.reason)};
  if (auto& first = rebuilt.difference) {
    reply.difference = {std::move(first->key), cut(std::move(first->live)), cut(std::move(first->rebuilt))};
  }
  return reply;
}

}  // namespace

// ---- commands ---------------------------------------------------------------------------------------------

std::optional<Failure> Session::prepare(Command& command) {
  auto failed = authorise(command, caller_);
  if (!failed) failed = admit(command);
  // A command with an id may have been executed before, and the ledger checks that first.
  if (!failed && !command.identity) failed = context_.reserve.failure();
  if (failed) context_.metrics.commands.count(kind_of(command.body), failed->code);
  return failed;
}

/// Queues a command, or returns why it cannot be executed.
std::optional<Failure> Session::submit(std::uint64_t id, Command&& command) {
  const CommandKind kind = kind_of(command.body);
  auto failed = prepare(command);
  if (failed) return failed;
  if (!context_.writer.submit(std::move(command), *this, turn())) {
    context_.metrics.commands.count(kind, ErrorCode::overloaded);
    return too_busy();
  }
  replies_.queued(id);
  return std::nullopt;
}

/// A batch that is malformed as a whole, or that there is no room for, is answered by an error.
void Session::submit(std::uint64_t id, CommandBatch&& batch) {
  auto failed = malformation_of_batch(batch.commands);
  if (failed) return reply_in_order(id, ErrorReply{failed->code, std::move(failed->detail), false});
  auto early = screen(batch.commands, batch.atomic, [this](Command& command) { return prepare(command); });
  if (batch.commands.empty()) {
    return reply_to_batch(id, merged(std::move(early), {}), replies_.place_in(connection_.out()));
  }
  const std::size_t commands = batch.commands.size();
  if (!context_.writer.submit_batch(batch.commands, batch.atomic, *this, turn())) {
    return reply_in_order(id, ErrorReply{ErrorCode::overloaded, too_busy().detail, false});
  }
  replies_.queued_batch(id, commands);
  early_.push_back(std::move(early));
}

void Session::reply_to_batch(std::uint64_t id, std::span<const Answer> answers, std::string& out) const {
  if (connection_.closed()) return;
  if (sees_states(caller_)) return encode_batch_answers(id, answers, out, version_);
  std::vector<Answer> stateless(answers.begin(), answers.end());
  for (Answer& answer : stateless) answer = without_state(std::move(answer));
  encode_batch_answers(id, stateless, out, version_);
}

bool Session::refuse_unread(std::string_view payload) {
  static const Answer busy{too_busy()};
  if (replies_.owed() >= context_.limits.in_flight || !caller_.scopes.holds(Scope::command)) return false;
  const auto batch = version_ >= CommandBatch::kSinceVersion ? peek_batch(payload) : std::nullopt;
  if (batch) {
    if (context_.writer.has_room(turn())) return false;
    reply_in_order(*batch, ErrorReply{ErrorCode::overloaded, too_busy().detail, false});
    return true;
  }
  const auto command = peek_command(payload);
  if (!command || context_.writer.has_room(turn())) return false;
  context_.metrics.commands.count(command->kind, ErrorCode::overloaded);
  encode_answer(command->id, busy, replies_.place_in(connection_.out()), version_);
  return true;
}

void Session::answered(std::span<const Answer> answers) {
  const bool states = sees_states(caller_);
  while (!answers.empty()) {
    const auto [request, commands, is_batch] = replies_.oldest();
    const auto its = answers.first(commands);
    answers = answers.subspan(commands);
    if (is_batch) {
      auto early = std::move(early_.front());
      early_.pop_front();
      if (early.empty()) {
        reply_to_batch(request, its, connection_.out());
      } else {
        reply_to_batch(request, merged(std::move(early), its), connection_.out());
      }
    } else if (!connection_.closed() && states) {
      encode_answer(request, its.front(), connection_.out(), version_);
    } else if (!connection_.closed()) {
      encode_answer(request, without_state(its.front()), connection_.out(), version_);
    }
    const std::string behind = replies_.answered();
    if (!connection_.closed()) connection_.out() += behind;
  }
  connection_.wake();
}

// ---- other requests ---------------------------------------------------------------------------------------

/// Answers from memory, unless an earlier request of the connection has to be answered first.
bool Session::show_at_once(const RequestMessage& message) {
  if (!replies_.empty()) return false;
  auto known = context_.queries.at_once(message.request);
  if (known) reply(message.id, std::move(*known));
  return known.has_value();
}

awaitable<bool> Session::handle(std::expected<RequestMessage, ProtocolError> message) {
  if (!message) {
    if (message.error().id == 0) {
      co_await refuse_and_close(0, message.error().what);
      co_return false;
    }
    co_await await_replies(0);
    reply(message.error().id, ErrorReply{ErrorCode::invalid_argument, message.error().what, false});
    co_return true;
  }
  co_return co_await answer(message->id, message->request);
}

awaitable<bool> Session::answer(std::uint64_t id, Request& request) {
  auto handled = std::visit(
      Overloaded{
          [&](ClientHello&) { return handle_stray(id, "a connection sends one hello"); },
          [&](LogIn&) { return handle_log_in(id); },
          [&](FollowEvents& follow) { return handle_follow(id, {.events = std::move(follow), .types = {}}); },
          [&](FollowTypes& follow) { return handle_follow(id, std::move(follow)); },
          [&](Rebuild& rebuild) { return handle_rebuild(id, std::move(rebuild)); },
          [&](MakeCheckpoint&) { return handle_checkpoint(id); },
          [&](CommandBatch&) { return handle_stray(id, "a batch is submitted as it comes"); },
          [&](auto& question) { return handle_question(id, std::move(question)); },
      },
      request);
  co_return co_await std::move(handled);
}

awaitable<bool> Session::handle_question(std::uint64_t id, Request request) {
  co_await await_replies(0);
  Reply answered = co_await context_.queries.answer(std::move(request));
  reply(id, std::move(answered));
  co_return true;
}

/// A message that may not come here.
awaitable<bool> Session::handle_stray(std::uint64_t id, std::string detail) {
  co_await refuse_and_close(id, std::move(detail));
  co_return false;
}

/// A ledger that needs no token accepts any: clients send theirs to every ledger.
awaitable<bool> Session::handle_log_in(std::uint64_t id) {
  if (!caller_.token_id.empty()) co_return co_await handle_stray(id, "a connection logs in once");
  co_await await_replies(0);
  reply(id, LoggedIn{caller_.name, caller_.scopes});
  co_return true;
}

// ---- rebuilds ---------------------------------------------------------------------------------------------

bool Session::has_no_room(std::uint64_t id) {
  auto failure = context_.reserve.failure();
  if (failure) reply(id, ErrorReply{failure->code, std::move(failure->detail), false});
  return failure.has_value();
}

awaitable<bool> Session::handle_rebuild(std::uint64_t id, Rebuild request) {
  co_await await_replies(0);
  if (connection_.closed()) co_return false;
  if (auto error = context_.queries.not_ready(request)) {
    reply(id, std::move(*error));
    co_return true;
  }
  const Projection* projection = projection_named(request.view);
  if (projection == nullptr) {
    reply(id, ErrorReply{ErrorCode::invalid_argument, "there is no view of that name", false});
    co_return true;
  }
  if (context_.rebuild.under_way()) {
    reply(id, ErrorReply{ErrorCode::overloaded, "another view is being rebuilt: one at a time", false});
    co_return true;
  }
  if (has_no_room(id)) co_return true;
  const RebuildProgress progress = [this, id](GlobalPosition at, GlobalPosition head) {
    reply(id, RebuildingReply{at, head});
    flush();
  };
  auto outcome = co_await context_.rebuild.run(*projection, progress);
  if (!outcome) {
    reply(id, context_.queries.failed(outcome.error()));
  } else if (!*outcome) {
    reply(id, ErrorReply{ErrorCode::overloaded, "the ledger is shutting down; the view is as it was", false});
  } else {
    reply(id, reply_with(std::move(**outcome)));
  }
  co_return true;
}

}  // namespace stockfold
