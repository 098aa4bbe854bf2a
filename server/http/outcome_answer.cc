#include "server/http/outcome_answer.h"

#include <boost/json.hpp>
#include <string_view>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"
#include "server/http/order_object.h"
#include "server/http/tag.h"
#include "server/http/target.h"

namespace stockfold {

namespace json = boost::json;

namespace {

/// A product that the path names is not found there; one that a line names is a conflict.
HttpStatus status_of(Rule rule, CommandKind kind) {
  const bool in_path = rule == Rule::unknown_product && is_about_product(kind);
  return in_path ? HttpStatus::not_found : status_of(rule);
}

/// The problem of an answer other than Accepted.
json::object problem_object(const AskedCommand& asked, const Answer& answer) {
  return std::visit(
      Overloaded{
          [](const Accepted&) { return json::object(); },
          [&](const Refusal& refusal) {
            return refusal_object(status_of(refusal.rule, asked.kind), refusal);
          },
          [](const Contradiction& contradiction) { return contradiction_object(contradiction); },
          [](const Failure& failure) { return failure_object(failure); },
      },
      answer.outcome);
}

/// What the detail of a replayed refusal adds: the state may have changed since the decision.
std::string replay_notice(const DecidedBy& decided) {
  return "; that was the outcome at " + rfc3339(decided.time) +
         ", and a new attempt needs a new Idempotency-Key";
}

/// The location of a new object, relative to the path of the request: valid below any path that a proxy adds.
std::string place_of(const StreamId& made, bool below_slash) {
  const std::string segment = encoded_segment(made.id) + "/";
  if (!below_slash) return StreamId{made.kind, segment}.str();
  const bool is_like_a_scheme = made.id.contains(':');  // RFC 3986, 4.2
  return (is_like_a_scheme ? "./" : "") + segment;
}

json::object object_of(const Accepted& accepted, bool replayed, const Lines& lines) {
  const bool is_order = accepted.subject.kind == AggregateKind::order;
  json::object object = accepted_object(accepted, replayed);
  if (is_order && accepted.status) {
    object = order_object(accepted.subject.id, lines, *accepted.status, std::move(object));
  } else {
    object.emplace("sku", accepted.subject.id);
  }
  return object;
}

HttpAnswer accepted(const AskedCommand& asked, const Accepted& accepted, bool replayed, const Lines& lines) {
  const json::object object = object_of(accepted, replayed, lines);
  HttpAnswer answer = json_answer(object, "ETag: " + HttpTag{accepted.version, asked.life}.str() + "\r\n");
  if (replayed) answer.headers += "Idempotency-Replayed: true\r\n";
  if (asked.creates()) {
    answer.status = HttpStatus::created;
    answer.headers += "Location: " + place_of(accepted.subject, asked.below_slash) + "\r\n";
  }
  return answer;
}

}  // namespace

AskedCommand AskedCommand::of(const CommandBody& body) {
  AskedCommand asked{.kind = kind_of(body), .lines = {}};
  if (const auto* draft = std::get_if<DraftOrder>(&body)) asked.lines = draft->lines;
  if (const auto* place = std::get_if<PlaceOrder>(&body)) asked.lines = place->lines;
  return asked;
}

bool AskedCommand::creates() const { return kind == CommandKind::register_product || !lines.empty(); }

json::object outcome_object(const AskedCommand& asked, const Answer& answer, const Lines& lines) {
  if (const auto* yes = std::get_if<Accepted>(&answer.outcome)) {
    return object_of(*yes, answer.replayed, lines);
  }
  json::object object = problem_object(asked, answer);
  if (answer.decided) object["detail"] = shown_detail(message_of(answer) + replay_notice(*answer.decided));
  add_replay(object, answer);
  return object;
}

HttpAnswer render_batch(json::array outcomes) { return json_answer({{"outcomes", std::move(outcomes)}}); }

HttpAnswer render_outcome(const AskedCommand& asked, const Answer& answer, const Lines& lines) {
  if (const auto* yes = std::get_if<Accepted>(&answer.outcome)) {
    return accepted(asked, *yes, answer.replayed, lines);
  }
  const json::object object = outcome_object(asked, answer, lines);
  const auto status = static_cast<HttpStatus>(object.at("status").to_number<unsigned>());
  HttpAnswer refused = problem_answer(status, object);
  if (answer.replayed) refused.headers += "Idempotency-Replayed: true\r\n";
  return refused;
}

}  // namespace stockfold
