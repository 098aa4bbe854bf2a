// The coding of replies.
#include "protocol/archive.h"
#include "storage/codec/event_codec.h"

namespace stockfold {

static_assert(kHasDistinctNumbers<Reply>);

template <class Archive>
void serialize(Archive& archive, ServerHello& hello) {
  field(archive, "version", hello.version);
  field(archive, "ledger", hello.ledger);
  field(archive, "epoch", hello.epoch);
  field(archive, "position", hello.position);
  field(archive, "max frame bytes", hello.max_frame_bytes);
  field(archive, "max in flight", hello.max_in_flight);
  field(archive, "server", hello.server);
}

// ---- answers to commands ----------------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, StockOf& stock) {
  field(archive, "sku", stock.sku);
  field(archive, "stock", stock.stock);
}

template <class Archive>
void serialize(Archive& archive, Accepted& accepted) {
  bool has_status = accepted.status.has_value();
  archive(cereal::make_nvp("subject", accepted.subject), cereal::make_nvp("has_status", has_status));
  if (has_status) {
    auto status = accepted.status.value_or(OrderStatus::draft);
    auto coded = numbered(status, OrderStatus::fulfilled);
    archive(cereal::make_nvp("status", coded));
    if constexpr (std::is_same_v<Archive, BoundedInput>) accepted.status = status;
  }
  archive(cereal::make_nvp("version", accepted.version), cereal::make_nvp("position", accepted.position),
          cereal::make_nvp("time", accepted.time), cereal::make_nvp("stock", accepted.stock));
  at_most_lines(archive, "stock", accepted.stock.size());
}

namespace {

using Outcome = decltype(Answer::outcome);

struct SaveOutcome {
  BoundedOutput& archive;

  void operator()(const Accepted& accepted) const {
    archive.put_number(kAcceptedNumber);
    archive(accepted);
  }
  void operator()(const Refusal& refusal) const {
    archive.put_number(kRefusedNumber);
    archive(refusal);
  }
  void operator()(const Failure& failure) const {
    Refusal fields;
    fields.detail = failure.detail;
    ErrorCode code = failure.code;
    archive.put_number(kRefusedNumber);
    refusal_fields(archive, numbered(code, kLastErrorCode), fields);
  }
  /// Never happens over TCP: commands have no claims there.
  void operator()(const Contradiction& contradiction) const {
    (*this)(Failure(ErrorCode::invalid_argument, message_of(contradiction)));
  }
};

/// Whether the fields are those of a Failure: the number of an error code, and nothing but a detail. All
/// others are a refusal, whose rule has no name if a later ledger sent it.
bool is_failure(const Refusal& fields) {
  return is_error_code(static_cast<std::uint8_t>(fields.rule)) &&
         fields == Refusal{.rule = fields.rule, .detail = fields.detail};
}

void save_outcome(BoundedOutput& archive, const Outcome& outcome) {
  std::visit(SaveOutcome{archive}, outcome);
}

void load_outcome(BoundedInput& archive, Outcome& outcome) {
  const std::uint64_t number = archive.take_number(kRefusedNumber);
  if (number == kAcceptedNumber) {
    archive(outcome.emplace<Accepted>());
    return;
  }
  if (number != kRefusedNumber) return archive.fail("a number out of its range");
  auto& refusal = outcome.emplace<Refusal>();
  archive(refusal);
  if (!archive.ok() || !is_failure(refusal)) return;
  Failure failure;
  failure.code = static_cast<ErrorCode>(refusal.rule);
  failure.detail = std::move(refusal.detail);
  outcome = std::move(failure);
}

}  // namespace

template <class Archive>
void serialize(Archive& archive, Answer& answer) {
  if constexpr (kLoads<Archive>) {
    archive.enter("outcome");
    load_outcome(archive, answer.outcome);
  } else {
    save_outcome(archive, answer.outcome);
  }
  field(archive, "replayed", answer.replayed);
}

// ---- replies ----------------------------------------------------------------------------------------------

template <class Archive>
void serialize(Archive& archive, CommandReply& reply) {
  archive(reply.answer);
}

template <class Archive>
void serialize(Archive& archive, ProductReply& reply) {
  field(archive, "sku", reply.sku);
  field(archive, "product", reply.product);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, OrderReply& reply) {
  field(archive, "order", reply.order);
  field(archive, "state", reply.state);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, OrderStep& step) {
  auto type = numbered(step.type, EventType::command_refused);
  field(archive, "position", step.position);
  field(archive, "type", type);
  field(archive, "time", step.time);
  field(archive, "actor", step.actor);
}

template <class Archive>
void serialize(Archive& archive, OrderHistoryReply& reply) {
  field(archive, "order", reply.order);
  field(archive, "state", reply.state);
  page(archive, "steps", reply.steps);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, ProductsReply& reply) {
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, OrdersReply& reply) {
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, MovementsReply& reply) {
  field(archive, "sku", reply.sku);
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, ZoneMovementsReply& reply) {
  field(archive, "sku", reply.sku);
  field(archive, "known", reply.is_known);
  field(archive, "zone", reply.zone);
  page(archive, "rows", reply.rows);
  field(archive, "next", reply.next);
  field(archive, "as of", reply.as_of);
}

template <class Archive>
void serialize(Archive& archive, HeadReply& reply) {
  field(archive, "ledger", reply.ledger);
  field(archive, "epoch", reply.epoch);
  field(archive, "position", reply.position);
  field(archive, "hash", reply.hash);
  field(archive, "time", reply.time);
  field(archive, "views", reply.views);
}

template <class Archive>
void serialize(Archive& archive, ErrorReply& reply) {
  auto code = numbered(reply.code, kLastErrorCode);
  field(archive, "rule", code);
  field(archive, "detail", reply.detail);
  field(archive, "closing", reply.closing);
}

template <class Archive>
void serialize(Archive& archive, PositionReply& reply) {
  field(archive, "position", reply.position);
}

template <class Archive>
void serialize(Archive& archive, CommitExtent& commit) {
  field(archive, "first", commit.first);
  field(archive, "events", commit.events);
  field(archive, "epoch", commit.epoch);
}

template <class Archive>
void serialize(Archive& archive, RebuildingReply& reply) {
  field(archive, "at", reply.at);
  field(archive, "head", reply.head);
}

template <class Archive>
void serialize(Archive& archive, RebuiltReply::Difference& difference) {
  field(archive, "key", difference.key);
  field(archive, "live row", difference.live);
  field(archive, "rebuilt row", difference.rebuilt);
}

template <class Archive>
void serialize(Archive& archive, RebuiltReply& reply) {
  auto finding = numbered(reply.finding, RebuiltReply::Finding::nothing_to_compare);
  field(archive, "view", reply.view);
  field(archive, "position", reply.position);
  field(archive, "rows", reply.rows);
  field(archive, "digest", reply.digest);
  field(archive, "finding", finding);
  field(archive, "live digest", reply.live);
  field(archive, "difference", reply.difference);
  field(archive, "reason", reply.reason);
}

template <class Archive>
void serialize(Archive& archive, CheckpointReply& reply) {
  field(archive, "directory", reply.directory);
  field(archive, "position", reply.position);
}

template <class Archive>
void serialize(Archive& archive, LoggedIn& reply) {
  std::uint32_t bits = reply.scopes.bits();
  field(archive, "name", reply.name);
  field(archive, "scopes", bits);
  if constexpr (kLoads<Archive>) {
    const auto scopes = Scopes::of_bits(bits);
    if (!scopes) return archive.fail("a number out of its range");
    reply.scopes = *scopes;
  }
}

template <class Archive>
void serialize(Archive& archive, SignedHeadReply& reply) {
  Head& head = reply.signed_head.head;
  field(archive, "ledger", head.ledger);
  field(archive, "epoch", head.epoch);
  field(archive, "position", head.position);
  field(archive, "hash", head.hash);
  field(archive, "time", head.time);
  field(archive, "key", reply.signed_head.key);
  field(archive, "signature", reply.signed_head.signature);
}

template <class Archive>
void serialize(Archive& archive, BatchReply& reply) {
  page(archive, "answers", reply.answers);
  field(archive, "last", reply.last);
}

// ---- bytes ------------------------------------------------------------------------------------------------

namespace {

/// Events are coded as in the log.
void encode_events(BoundedOutput& archive, const std::vector<RecordedEvent>& events, std::string& out) {
  assert(events.size() <= kMaxPageRows);
  archive.put_number(events.size());
  for (const RecordedEvent& event : events) {
    archive(event.position, event.time);
    encode_event(event, out);
  }
}
void encode_fields(const EventsReply& reply, std::string& out, std::uint32_t version) {
  BoundedOutput archive(out);
  archive.extend(is_extended(version));
  encode_events(archive, reply.events, out);
  archive(reply.next, reply.head);
}
void encode_fields(const CommitsReply& reply, std::string& out, std::uint32_t version) {
  BoundedOutput archive(out);
  archive.extend(is_extended(version));
  archive(reply.created);
  encode_events(archive, reply.events, out);
  archive(reply.commits, reply.next, reply.head);
}

template <class T>
void decode_fields(BoundedInput& archive, T& message) {
  archive(message);
}
void decode_event_field(BoundedInput& archive, std::vector<RecordedEvent>& events) {
  GlobalPosition position;
  UnixMillis time;
  field(archive, "position", position);
  field(archive, "time", time);
  archive.enter("event");
  std::string_view rest = archive.rest();
  auto event = decode_event(rest, position, time);
  if (!event) return archive.fail(event.error().what);
  archive.take_bytes(archive.rest().size() - rest.size());
  events.push_back(std::move(*event));
}
void decode_events(BoundedInput& archive, std::vector<RecordedEvent>& events) {
  archive.enter("events");
  const std::uint64_t count = archive.take_number(kMaxPageRows);
  for (std::uint64_t i = 0; i < count && archive.ok(); ++i) decode_event_field(archive, events);
}
void decode_fields(BoundedInput& archive, EventsReply& reply) {
  decode_events(archive, reply.events);
  field(archive, "next", reply.next);
  field(archive, "head", reply.head);
}
void decode_fields(BoundedInput& archive, CommitsReply& reply) {
  field(archive, "created", reply.created);
  decode_events(archive, reply.events);
  page(archive, "commits", reply.commits);
  field(archive, "next", reply.next);
  field(archive, "head", reply.head);
}

}  // namespace

void encode_reply(const ReplyMessage& message, std::string& out, std::uint32_t version) {
  const auto encode = [&]<class Message>(const Message& fields) {
    assert(version >= first_version<Message>());
    encode_message(Message::kNumber, message.id, out, [&] { encode_fields(fields, out, version); });
  };
  std::visit(encode, message.reply);
}

void encode_answer(std::uint64_t id, const Answer& answer, std::string& out, std::uint32_t version) {
  encode_message(CommandReply::kNumber, id, out, [&] { encode_fields(answer, out, version); });
}

void encode_batch_answers(std::uint64_t id, std::span<const Answer> answers, std::string& out,
                          std::uint32_t version) {
  // The number, the id, the count and the flag.
  constexpr std::size_t kMostAnswerBytes = kMaxFrameBytes - 1 - 2 * kMaxNumberBytes - 1;
  std::string encoded;  // the answers of one frame
  std::size_t count = 0;
  const auto end = [&](bool last) {
    encode_message(BatchReply::kNumber, id, out, [&] {
      append_number(out, count);
      out += encoded;
      out.push_back(last ? 1 : 0);
    });
    encoded.clear();
    count = 0;
  };
  for (const Answer& answer : answers) {
    const std::size_t before = encoded.size();
    encode_fields(answer, encoded, version);
    if (encoded.size() > kMostAnswerBytes) {
      std::string next = encoded.substr(before);
      encoded.resize(before);
      end(false);
      encoded = std::move(next);
    }
    ++count;
  }
  end(true);
}

bool is_later_reply(std::string_view payload) {
  return !payload.empty() && static_cast<std::uint8_t>(payload.front()) > greatest_number<Reply>();
}

std::expected<ReplyMessage, ProtocolError> decode_reply(std::string_view payload, std::uint32_t version) {
  ReplyMessage message;
  const auto load = [](BoundedInput& archive, auto& fields) {
    archive.take_later_kinds();  // of a later ledger: docs/PROTOCOL.md, "What may be added"
    decode_fields(archive, fields);
  };
  if (auto decoded = decode_message(payload, version, message.id, message.reply, load); !decoded) {
    return std::unexpected(std::move(decoded.error()));
  }
  return message;
}

}  // namespace stockfold
