#include "server/http/answer.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <utility>
#include <variant>
#include <vector>

#include "core/overloaded.h"
#include "core/utf8.h"
#include "protocol/text/json.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"
#include "server/http/query.h"
#include "server/http/tag.h"
#include "server/queries/reads.h"

namespace stockfold {

namespace http = boost::beast::http;
namespace json = boost::json;
using Status = http::status;

namespace {

constexpr std::string_view kPageHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

// ---- problems ---------------------------------------------------------------------------------------------

/// The status of a refusal; 409 where the state stands in the way.
Status status_of(Rule rule) {
  switch (rule) {
    case Rule::unknown_order:
      return Status::not_found;
    case Rule::version_conflict:
      return Status::precondition_failed;
    default:
      return Status::conflict;
  }
}

/// The status of a refusal of this kind of command: a product that the path names is not found there, one
/// that a line names is a conflict.
Status status_of(Rule rule, CommandKind kind) {
  const bool in_path = rule == Rule::unknown_product && is_about_product(kind);
  return in_path ? Status::not_found : status_of(rule);
}

Status status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return Status::bad_request;
    case ErrorCode::unauthorized:
      return Status::unauthorized;
    case ErrorCode::forbidden:
      return Status::forbidden;
    case ErrorCode::overloaded:
    case ErrorCode::outcome_unknown:
    case ErrorCode::view_not_ready:
    case ErrorCode::out_of_space:
    case ErrorCode::clock_jumped:
      return Status::service_unavailable;
  }
  return Status::service_unavailable;
}

/// "order already aborted".
std::string title_of(std::string_view type) {
  std::string title(type);
  std::ranges::replace(title, '_', ' ');
  return title;
}

/// Of what a caller has sent: bytes that are no text would make the answer none.
std::string shown(std::string detail) {
  if (!is_utf8(detail)) {
    std::ranges::replace_if(detail, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  if (detail.size() > kMaxDetailBytes) {
    std::size_t end = kMaxDetailBytes;
    while ((static_cast<unsigned char>(detail[end]) & 0xC0U) == 0x80U) --end;  // within a character of UTF-8
    detail.resize(end);
  }
  return detail;
}

json::object problem_object(Status status, std::string_view type, std::string detail) {
  return {{"type", type},
          {"title", title_of(type)},
          {"status", static_cast<unsigned>(status)},
          {"detail", shown(std::move(detail))}};
}

HttpAnswer problem(Status status, const json::object& object) {
  HttpAnswer answer{.status = status, .type = "application/problem+json", .headers = {}, .body = {}};
  answer.problem = std::string_view(object.at("type").as_string());
  if (status == Status::service_unavailable) {
    const bool takes_time = answer.problem == name_of(ErrorCode::out_of_space);  // somebody has to make room
    answer.headers = takes_time ? "Retry-After: 10\r\n" : "Retry-After: 1\r\n";
  }
  if (answer.problem == kEncodedBody) answer.headers = "Accept-Encoding: identity\r\n";
  if (status == Status::unauthorized) answer.headers = "WWW-Authenticate: Bearer realm=\"stockfold\"\r\n";
  append_json(object, answer.body);
  answer.body += '\n';
  return answer;
}

/// What names a fault, and what it says.
json::object fault_object(const HttpFault& fault) {
  constexpr std::array<std::string_view, 3> kNames = {"pointer", "parameter", "header"};
  return {{kNames[static_cast<std::size_t>(fault.in)], shown(fault.name)}, {"detail", shown(fault.detail)}};
}

json::object refusal_object(Status status, const Refusal& refusal) {
  json::object object = problem_object(status, name_of(refusal.rule), message_of(refusal));
  add_obstacle(object, refusal);
  return object;
}

json::object failure_object(const Failure& failure) {
  json::object object = problem_object(status_of(failure.code), name_of(failure.code), message_of(failure));
  add_no_obstacle(object);
  return object;
}

/// Names each field whose claim does not hold, and tells its present value.
json::object contradiction_object(const Contradiction& contradiction) {
  json::object object = problem_object(Status::conflict, name_of(ErrorCode::invalid_argument),
                                       message_with_fields(contradiction));
  add_obstacle(object, contradiction);
  json::array errors;
  for (const StateField field : contradiction.fields) {
    const std::string_view name = name_of(field);
    const auto* state = object.at("state").if_object();
    const auto* is = state != nullptr ? state->if_contains(name) : nullptr;
    errors.push_back({{"pointer", "/" + std::string(name)},
                      {"detail", is != nullptr ? "is " + shown_json(*is) : std::string("is not so")}});
  }
  if (!errors.empty()) object.emplace("errors", std::move(errors));
  return object;
}

/// The problem that an answer describes which is not Accepted.
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

/// What a refusal adds that is told again: the state may have changed since.
std::string of_before(const DecidedBy& decided) {
  return "; that was the outcome at " + rfc3339(decided.time) +
         ", and a new attempt needs a new Idempotency-Key";
}

/// Of a question about something that is not there.
HttpAnswer unknown(Rule rule, StreamId subject) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.subject = std::move(subject);
  return problem(Status::not_found, refusal_object(Status::not_found, refusal));
}

// ---- orders -----------------------------------------------------------------------------------------------

std::string_view code_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::draft:
      return "DR";
    case OrderStatus::in_progress:
      return "PR";
    case OrderStatus::aborted:
      return "AB";
    case OrderStatus::fulfilled:
      return "FU";
  }
  return "?";
}

/// What an order has over HTTP, and then what it has elsewhere.
json::object order_object(std::string_view id, const Lines& lines, OrderStatus status, json::object rest) {
  json::object object{{"id", id}};
  if (lines.size() == 1) object.emplace("product", lines.front().sku.view());
  object.emplace("status", name_of(status));
  object.emplace("status_code", code_of(status));
  for (auto& [name, value] : rest) object.emplace(name, std::move(value));
  if (!object.contains("lines")) object.emplace("lines", lines_array(lines));
  return object;
}

json::object row_object(const OrderId& id, const Order& order, GlobalPosition as_of) {
  json::object object = order_object(id.view(), order.lines, order.status, state_object(id, order));
  object.emplace("as_of", as_of.value());
  return object;
}
json::object row_object(const Sku& sku, const Product& product, GlobalPosition as_of) {
  json::object object = state_object(sku, product);
  object.emplace("as_of", as_of.value());
  return object;
}

// ---- reads ------------------------------------------------------------------------------------------------

HttpAnswer with_json(const json::object& object, std::string headers) {
  HttpAnswer answer;
  answer.headers = std::move(headers);
  append_json(object, answer.body);
  answer.body += '\n';
  return answer;
}

template <class Id, class State>
HttpAnswer shown_one(const HttpQuestion& asked, const Id& id, const State& state, GlobalPosition as_of,
                     const std::string& life) {
  const HttpTag tag{state.version, life};
  std::string headers = "ETag: " + tag.str() + "\r\n";
  if (names(asked.if_none_match, tag)) {
    return {.status = Status::not_modified, .type = {}, .headers = std::move(headers), .body = {}};
  }
  return with_json(row_object(id, state, as_of), std::move(headers));
}

std::string link(const std::string& next_page, std::string_view begin) {
  return "Link: <" + next_page + std::string(begin) + ">; rel=\"next\"\r\n";
}

/// The rest of what is read by positions.
std::string link(const std::string& next_page, GlobalPosition begin, const std::string& life) {
  return link(next_page, std::to_string(begin.value()) + "&life=" + life);
}

template <class Page>
HttpAnswer shown_page(const HttpQuestion& asked, std::string_view name, const Page& page,
                      const std::string& life) {
  json::array rows;
  rows.reserve(page.rows.size());
  for (const auto& [id, state] : page.rows) rows.push_back(row_object(id, state, page.as_of));
  json::object object{{name, std::move(rows)}, {"next", nullptr}, {"as_of", page.as_of.value()}};
  std::string headers;
  if (page.next) {
    HttpCursor next{.life = life, .at = {}, .from = page.next->str()};
    if (std::holds_alternative<At>(asked.request)) next.at = page.as_of;
    const std::string cursor = next.str();
    object["next"] = cursor;
    headers = link(asked.next_page, cursor);
  }
  return with_json(object, std::move(headers));
}

HttpAnswer shown_events(const HttpQuestion& asked, const EventsReply& reply, const std::string& life) {
  const auto* read = std::get_if<ReadEvents>(&asked.request);
  if (read != nullptr && !asked.life.empty() && read->from > reply.head.next()) {
    return answer_to(another_life("from: position " + std::to_string(read->from.value()) +
                                  " is beyond the end of the log, " + std::to_string(reply.head.value()) +
                                  ": the log has lost what was there"));
  }
  HttpAnswer answer;
  answer.type = "application/x-ndjson";
  if (reply.next) answer.headers = link(asked.next_page, *reply.next, life);
  for (const RecordedEvent& event : reply.events) {
    if (is_one_of(event, asked.types)) answer.body.append(json_of(event)).append("\n");
  }
  return answer;
}

HttpAnswer shown_head(const HeadReply& head, const std::string& life) {
  return with_json({{"ledger", to_uuid(head.ledger.bytes)},
                    {"epoch", head.epoch.value()},
                    {"life", life},
                    {"position", head.position.value()},
                    {"hash", to_hex(head.hash)},
                    {"time", rfc3339(head.time)},
                    {"views", head.views.value()}},
                   {});
}

/// Where what was made is, seen from where it was made: whatever path a proxy has put before, that holds.
std::string place_of(const StreamId& made, bool below_slash) {
  if (!below_slash) return made.str() + "/";
  const bool is_like_a_scheme = made.id.contains(':');  // RFC 3986, 4.2
  return (is_like_a_scheme ? "./" : "") + made.id + "/";
}

HttpAnswer accepted(const AskedCommand& asked, const Accepted& accepted, bool replayed, const Lines& lines) {
  const bool is_order = accepted.subject.kind == AggregateKind::order;
  json::object object = accepted_object(accepted, replayed);
  if (is_order && accepted.status) {
    object = order_object(accepted.subject.id, lines, *accepted.status, std::move(object));
  } else {
    object.emplace("sku", accepted.subject.id);
  }
  HttpAnswer answer = with_json(object, "ETag: " + HttpTag{accepted.version, asked.life}.str() + "\r\n");
  if (replayed) answer.headers += "Idempotency-Replayed: true\r\n";
  if (asked.creates()) {
    answer.status = Status::created;
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

HttpAnswer answer_to(const AskedCommand& asked, const Answer& answer, const Lines& lines) {
  if (const auto* yes = std::get_if<Accepted>(&answer.outcome)) {
    return accepted(asked, *yes, answer.replayed, lines);
  }
  json::object object = problem_object(asked, answer);
  const auto status = static_cast<Status>(object.at("status").to_number<unsigned>());
  if (answer.decided) object["detail"] = shown(message_of(answer) + of_before(*answer.decided));
  add_replay(object, answer);
  HttpAnswer refused = problem(status, object);
  if (answer.replayed) refused.headers += "Idempotency-Replayed: true\r\n";
  return refused;
}

HttpAnswer answer_to(const HttpQuestion& asked, const Reply& reply, const std::string& life) {
  return std::visit(Overloaded{
                        [&](const ProductReply& product) {
                          return product.product
                                     ? shown_one(asked, product.sku, *product.product, product.as_of, life)
                                     : unknown(Rule::unknown_product, StreamId::of(product.sku));
                        },
                        [&](const OrderReply& order) {
                          return order.state ? shown_one(asked, order.order, *order.state, order.as_of, life)
                                             : unknown(Rule::unknown_order, StreamId::of(order.order));
                        },
                        [&](const ProductsReply& page) { return shown_page(asked, "products", page, life); },
                        [&](const OrdersReply& page) { return shown_page(asked, "orders", page, life); },
                        [&](const EventsReply& events) { return shown_events(asked, events, life); },
                        [&](const HeadReply& head) { return shown_head(head, life); },
                        [](const ErrorReply& error) { return answer_to(error); },
                        [](const auto& /*not over HTTP*/) {
                          return answer_to(ErrorReply{ErrorCode::outcome_unknown, "no answer", false});
                        },
                    },
                    reply);
}

HttpAnswer answer_to(const HttpExplain& asked, std::optional<Explanation> explained,
                     const std::string& life) {
  if (!explained) {
    const bool is_order = asked.what.subject.kind == AggregateKind::order;
    return unknown(is_order ? Rule::unknown_order : Rule::unknown_product, asked.what.subject);
  }
  HttpAnswer answer{.type = "application/x-ndjson", .headers = {}, .body = std::move(explained->lines)};
  if (explained->next) answer.headers = link(asked.next_page, *explained->next, life);
  return answer;
}

HttpAnswer answer_to(const HttpFollow& asked) {
  return {.type = asked.as_server_sent ? "text/event-stream" : "application/x-ndjson",
          .headers = "X-Accel-Buffering: no\r\n",
          .body = {}};
}

std::string streamed(const HttpFollow& asked, const EventsReply& events, const std::string& life) {
  std::string text;
  for (const RecordedEvent& event : events.events) {
    if (asked.as_server_sent) {
      text.append("id: ").append(HttpEventId{life, event.position}.str()).append("\ndata: ");
    }
    text.append(json_of(event)).append(asked.as_server_sent ? "\n\n" : "\n");
  }
  return text;
}

/// An id without data moves a browser's Last-Event-ID on, and is no event (HTML, "dispatch the event").
std::string heartbeat(const HttpFollow& asked, GlobalPosition reached, const std::string& life) {
  if (asked.as_server_sent) return ":\nid: " + HttpEventId{life, reached}.str() + "\n\n";
  if (!asked.heartbeats) return "\n";
  std::string line;
  append_json({{"position", reached.value()}, {"type", "heartbeat"}, {"life", life}}, line);
  return line + '\n';
}

HttpAnswer answer_to(const HttpPage& page) {
  HttpAnswer answer{.type = page.file->type, .headers = {}, .body = {}};
  answer.headers.append("ETag: ").append(page.file->etag).append("\r\n").append(kPageHeaders);
  if (names(page.if_none_match, page.file->etag)) {
    answer.status = Status::not_modified;
    answer.type = {};
  } else {
    answer.body = page.file->bytes;
  }
  return answer;
}

HttpAnswer answer_to(const HttpMethods& methods) {
  return {
      .status = Status::no_content, .type = {}, .headers = "Allow: " + methods.allow + "\r\n", .body = {}};
}

HttpAnswer answer_to(const HttpProblem& why) {
  json::object object = problem_object(why.status, why.type, why.detail);
  json::array errors;
  for (const HttpFault& fault : why.faults) errors.push_back(fault_object(fault));
  if (!errors.empty()) object.emplace("errors", std::move(errors));
  HttpAnswer answer = problem(why.status, object);
  if (!why.allow.empty()) answer.headers += "Allow: " + why.allow + "\r\n";
  return answer;
}

HttpAnswer answer_to(const ErrorReply& error) {
  const Status status = status_of(error.code);
  return problem(status, problem_object(status, name_of(error.code), error.detail));
}

HttpAnswer answer_to(const Readiness& readiness) {
  if (!readiness.no_room.empty())
    return answer_to(ErrorReply{ErrorCode::out_of_space, readiness.no_room, false});
  if (!readiness.wrong_clock.empty()) {
    return answer_to(ErrorReply{ErrorCode::clock_jumped, readiness.wrong_clock, false});
  }
  if (std::string obstacle = readiness.obstacle(); !obstacle.empty()) {
    return answer_to(ErrorReply{ErrorCode::overloaded, std::move(obstacle), false});
  }
  json::object object{
      {"status", "ready"}, {"position", readiness.head.value()}, {"view_lag", readiness.lag()}};
  json::array late;
  for (const LateView& view : readiness.late) {
    late.push_back({{"view", view.name}, {"position", view.position.value()}});
  }
  if (!late.empty()) object.emplace("late_views", std::move(late));
  return with_json(object, {});
}

HttpAnswer live() { return with_json({{"status", "live"}}, {}); }

void append(const HttpAnswer& answer, const HttpFraming& framing, std::string& out) {
  const auto reason = http::obsolete_reason(answer.status);
  out.append("HTTP/1.1 ").append(std::to_string(static_cast<unsigned>(answer.status))).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  if (!answer.type.empty()) {
    out.append("Content-Type: ").append(answer.type).append("\r\n");
    if (!framing.streams) {
      out.append("Content-Length: ").append(std::to_string(answer.body.size())).append("\r\n");
    } else if (framing.version >= 11) {
      out.append("Transfer-Encoding: chunked\r\n");  // before, the end of the connection ends the body
    }
  }
  // What compresses a stream on its way would hold events back.
  out.append(framing.streams ? "Cache-Control: no-cache, no-transform\r\n" : "Cache-Control: no-cache\r\n");
  out.append("X-Content-Type-Options: nosniff\r\n").append(answer.headers);
  out.append(framing.headers);
  if (framing.keep_alive) {
    out.append("Connection: keep-alive\r\nKeep-Alive: timeout=");
    out.append(std::to_string(framing.idle.count())).append("\r\n");
  } else {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
  if (!framing.without_body) out.append(answer.body);
}

void append_piece(std::string_view piece, const HttpFraming& framing, std::string& out) {
  if (framing.version < 11) {
    out.append(piece);
    return;
  }
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
}

}  // namespace stockfold
