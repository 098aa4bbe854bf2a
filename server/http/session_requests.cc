// The part of a session that does what a whole request asks for.
#include <algorithm>
#include <boost/json/array.hpp>
#include <cassert>
#include <utility>
#include <variant>

#include "core/life.h"
#include "core/overloaded.h"
#include "server/http/event_source.h"
#include "server/http/plain_answers.h"
#include "server/http/reply_answer.h"
#include "server/http/session.h"
#include "server/http/target.h"
#include "server/ledger/admit.h"
#include "server/metrics/metrics_text.h"
#include "server/queries/explain.h"

namespace stockfold {

namespace http = boost::beast::http;
using boost::asio::awaitable;

std::optional<HttpProblem> HttpSession::authorize(std::optional<Scope> scope) const {
  if (!scope) return std::nullopt;
  if (!caller_) return no_token(parser_->get());
  if (caller_->scopes.holds(*scope)) return std::nullopt;
  return HttpProblem{http::status::forbidden, name_of(ErrorCode::forbidden), lacks(*caller_, *scope), {}};
}

std::string HttpSession::life() const {
  const HeadReply head = context_.queries.head();
  return life_of(head.ledger, head.epoch);
}

std::optional<HttpProblem> HttpSession::check_life(const HttpAsk& ask) const {
  const std::string named = life_in(ask);
  if (named.empty() || named == life()) return std::nullopt;
  return another_life(named, life());
}

awaitable<void> HttpSession::handle(HttpRouted routed) {
  if (was_told_why(parser_->get())) {
    co_return send({.status = http::status::no_content, .type = {}, .headers = {}, .body = {}});
  }
  if (const auto problem = authorize(routed.scope)) co_return send(answer_to(*problem));
  if (const auto problem = check_life(routed.ask)) co_return send(answer_to(*problem));
  co_await std::visit(Overloaded{
                          [this](HttpCommand& asked) { return execute(std::move(asked)); },
                          [this](HttpBatch& asked) { return execute(std::move(asked)); },
                          [this](HttpQuestion& asked) { return answer(std::move(asked)); },
                          [this](HttpExplain& asked) { return answer(std::move(asked)); },
                          [this](HttpFollow& asked) { return follow(std::move(asked)); },
                          [this](HttpProbe probe) { return answer(answer_to_probe(probe)); },
                          [this](const HttpPage& page) { return answer(answer_to(page)); },
                          [this](const HttpMethods& methods) { return answer(answer_to(methods)); },
                          [this](const HttpProblem& problem) { return answer(answer_to(problem)); },
                      },
                      routed.ask);
}

awaitable<void> HttpSession::answer(HttpAnswer ready) {
  send(ready);
  co_return;
}

awaitable<void> HttpSession::answer(HttpQuestion question) {
  context_.metrics.count(question.counted_as);
  auto reply = context_.queries.at_once(question.request);
  if (!reply) {
    reply = co_await reply_to(question);
  }
  if (const auto* error = std::get_if<ErrorReply>(&*reply)) context_.metrics.count(*error);
  send(answer_to(question, *reply, life()));
}

awaitable<void> HttpSession::answer(HttpExplain asked) {
  context_.metrics.count(asked.counted_as);
  auto explained = co_await explain(context_.queries, asked.what);
  if (!explained) {
    context_.metrics.count(explained.error());
    co_return send(answer_to(explained.error()));
  }
  send(answer_to(asked, std::move(*explained), life()));
}

awaitable<Reply> HttpSession::reply_to(HttpQuestion& question) {
  if (question.wait_for > GlobalPosition(0)) {
    auto late = co_await context_.queries.wait_for(question.wait_for);
    if (late) co_return std::move(*late);
  }
  auto* read = std::get_if<ReadEvents>(&question.request);
  if (read != nullptr && question.until) {
    Reply last = co_await context_.queries.answer(FindPosition{*question.until});
    const auto* found = std::get_if<PositionReply>(&last);
    if (found == nullptr) co_return last;
    read->to = std::min(read->to.value_or(found->position), found->position);
  }
  co_return co_await context_.queries.answer(question.request);
}

std::optional<Failure> HttpSession::prepare(Command& command) {
  auto failed = authorise(command, *caller_);
  if (!failed) failed = admit(command);
  // A command with a key may be a replay: the ledger looks that up before it checks the reserve.
  if (!failed && !command.identity) failed = context_.reserve.failure();
  if (failed) context_.metrics.commands.count(kind_of(command.body), failed->code);
  return failed;
}

/// Submits the command to the writer, and waits for its outcome.
awaitable<void> HttpSession::execute(HttpCommand asked) {
  Command& command = asked.command;
  auto failed = prepare(command);
  asked_ = AskedCommand::of(command.body);
  asked_.below_slash = ends_in_slash(view(parser_->get().target()));
  asked_.life = life();
  asked_.render = asked.render;
  if (!failed && !context_.writer.submit(std::move(command), *this, Writer::Turn::first)) {
    failed = too_busy();
    context_.metrics.commands.count(asked_.kind, failed->code);
  }
  if (failed) {
    send(asked_.render(asked_, Answer{std::move(*failed)}, asked_.lines));
    co_return;
  }
  in_flight_ = true;
  while (in_flight_) {
    co_await connection_.wait();
  }
}

/// The same for a batch. It is an error as a whole if there is no room for it.
awaitable<void> HttpSession::execute(HttpBatch asked) {
  asked_batch_.clear();
  std::size_t index = 0;
  early_ = screen(asked.commands, asked.atomic, [&](Command& command) {
    std::optional<Failure>& unread = asked.unread[index++];
    return unread ? std::move(unread) : prepare(command);
  });
  for (const Command& command : asked.commands) asked_batch_.push_back(AskedCommand::of(command.body));
  if (asked.commands.empty()) {
    answer_batch({});
    co_return;
  }
  if (!context_.writer.submit_batch(asked.commands, asked.atomic, *this, Writer::Turn::first)) {
    const Failure busy = too_busy();
    context_.metrics.count(ErrorReply{busy.code, busy.detail, false});
    co_return send(answer_to(ErrorReply{busy.code, busy.detail, false}));
  }
  in_flight_ = true;
  while (in_flight_) {
    co_await connection_.wait();
  }
}

const Lines& HttpSession::lines_of(const AskedCommand& asked, const Answer& answer) const {
  const auto* accepted = std::get_if<Accepted>(&answer.outcome);
  const bool is_order = accepted != nullptr && accepted->subject.kind == AggregateKind::order;
  if (!is_order || !asked.lines.empty()) return asked.lines;
  const auto* order = context_.ledger.peek(*OrderId::parse(accepted->subject.id));
  assert(order != nullptr && order->has_value());  // the subject of an accepted command is in memory
  return (*order)->lines;
}

void HttpSession::answered(std::span<const Answer> answers) {
  assert(in_flight_);
  in_flight_ = false;
  connection_.wake();
  if (!asked_batch_.empty()) return answer_batch(answers);
  assert(answers.size() == 1);
  const Answer& answer = answers.front();
  const Lines& lines = lines_of(asked_, answer);
  if (sees_states(*caller_)) return send(asked_.render(asked_, answer, lines));
  send(asked_.render(asked_, without_state(answer), lines));
}

/// `answers`: to the commands that were submitted.
void HttpSession::answer_batch(std::span<const Answer> answers) {
  const bool states = sees_states(*caller_);
  boost::json::array outcomes;
  auto early = early_.begin();
  const auto add = [&](const AskedCommand& asked, const Answer& answer) {
    const Lines& lines = lines_of(asked, answer);
    outcomes.push_back(states ? outcome_object(asked, answer, lines)
                              : outcome_object(asked, without_state(answer), lines));
  };
  for (std::size_t next = 0; next < answers.size() || early != early_.end();) {
    if (early != early_.end() && early->index == outcomes.size()) {
      add({}, early++->answer);
    } else {
      add(asked_batch_[next], answers[next]);
      ++next;
    }
  }
  early_.clear();
  asked_batch_.clear();
  send(render_batch(std::move(outcomes)));
}

HttpAnswer HttpSession::answer_to_probe(HttpProbe probe) const {
  if (probe == HttpProbe::live) return live();
  if (probe == HttpProbe::ready) return answer_to(context_.readiness());
  return {.type = kMetricsType, .headers = {}, .body = context_.metrics_text()};
}

}  // namespace stockfold
