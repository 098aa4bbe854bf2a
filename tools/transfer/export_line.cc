#include "tools/transfer/export_line.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>
#include <utility>

#include "core/command.h"
#include "protocol/text/json_fields.h"
#include "protocol/text/json_object.h"
#include "protocol/text/time_text.h"
#include "storage/codec/checksum.h"
#include "storage/codec/domain_ranges.h"
#include "storage/codec/event_codec.h"
#include "tools/console/options.h"

namespace stockfold {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "stockfold log 1";
constexpr std::size_t kMaxDepth = 8;
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint64_t>::max();

// ---- to JSON ----------------------------------------------------------------------------------------------

/// No hash of a commit covers the epoch and the time of making, so the ledger record's own checksum does.
std::string checksum_text(const LedgerRecord& ledger) {
  const std::string record = encode(ledger);
  return fmt::format("{:016x}",
                     checksum_of(std::string_view(record).substr(0, record.size() - kChecksumSize)));
}

/// Adds the fields of a refusal that its object for people leaves out.
void complete(json::object& data, const Refusal& refusal) {
  data.emplace("requested", refusal.requested);
  data.emplace("detail", refusal.detail);
  json::object* state = data["state"].if_object();
  if (state == nullptr) return;
  if (const auto* product = std::get_if<Product>(&refusal.state)) {
    state->emplace("registered_at", product->registered_at.value());
    state->emplace("retired_at", product->retired_at.value());
    state->emplace("changed_at", product->changed_at.value());
  }
  if (const auto* order = std::get_if<Order>(&refusal.state)) {
    state->emplace("changed_at", order->changed_at.value());
    state->emplace("changed_by", order->changed_by);
  }
}

json::object object_of(const LedgerRecord& ledger) {
  return {{"format", kFormat},
          {"ledger", to_uuid(ledger.ledger.bytes)},
          {"epoch", ledger.epoch.value()},
          {"created", rfc3339(ledger.created)},
          {"checksum", checksum_text(ledger)}};
}

json::object object_of(const ExportedEvent& exported) {
  json::object object = event_object(exported.event);
  if (const auto* refused = std::get_if<CommandRefused>(&exported.event.event)) {
    complete(object["data"].get_object(), refused->refusal);
  }
  object.emplace("type_version", version_of(type_of(exported.event.event)));
  const auto& identity = exported.event.identity;
  object.emplace("body_hash", identity ? json::value(to_hex(identity->body.bytes)) : nullptr);
  if (exported.commit) {
    object.emplace("commit", json::object{{"epoch", exported.commit->epoch.value()},
                                          {"events", exported.commit->events}});
  }
  if (exported.commit_hash) object.emplace("commit_hash", to_hex(*exported.commit_hash));
  return object;
}

json::object object_of(const ExportEnd& end) {
  return {{"end", end.position.value()}, {"hash", to_hex(end.hash)}};
}

// ---- from JSON --------------------------------------------------------------------------------------------

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <class Bytes>
std::optional<Bytes> parse_hex(std::string_view text) {
  if (text.size() != 2 * Bytes::kSize) return std::nullopt;
  Bytes value;
  for (std::size_t i = 0; i < Bytes::kSize; ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    value.bytes[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return value;
}

/// Parses a name of the numbers from 1 to `last`.
template <class Enum>
auto named_up_to(Enum last) {
  return [last](std::string_view name) -> std::optional<Enum> {
    for (int number = 1; number <= static_cast<int>(last); ++number) {
      if (name_of(static_cast<Enum>(number)) == name) return static_cast<Enum>(number);
    }
    return std::nullopt;
  };
}

std::optional<UnixMillis> parse_stored_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time && *time >= UnixMillis(0) ? time : std::nullopt;
}

Epoch read_epoch(JsonFields& fields, const json::object& from) {
  return Epoch(
      static_cast<Epoch::rep>(fields.number(from, "epoch", 1, std::numeric_limits<Epoch::rep>::max())));
}

/// Reads an event from an object; `fields` collects the errors.
class ExportedEventReader {
 public:
  ExportedEventReader(JsonFields& fields, const json::object& line) : fields_(fields), line_(line) {}

  ExportedEvent read() {
    ExportedEvent exported;
    RecordedEvent& event = exported.event;
    event.position = fields_.strong<GlobalPosition>(line_, "position");
    event.time = fields_.parsed(line_, "time", "a time", parse_stored_time);
    if (!JsonFields::is_null(line_, "command_id")) {
      event.identity.emplace();
      event.identity->id.bytes = fields_.parsed(line_, "command_id", "a UUID", parse_uuid);
      event.identity->body = fields_.parsed(line_, "body_hash", "32 hexadecimal digits", parse_hex<BodyHash>);
    }
    if (!JsonFields::is_null(line_, "actor")) event.actor = fields_.text(line_, "actor", kMaxActorBytes);
    event.event = read_data();
    event.version = version_;
    if (line_.contains("commit")) {
      const json::object& commit = fields_.object(line_, "commit");
      exported.commit = {read_epoch(fields_, commit),
                         static_cast<std::uint32_t>(
                             fields_.number(commit, "events", 1, std::numeric_limits<std::uint32_t>::max()))};
    }
    if (line_.contains("commit_hash")) {
      exported.commit_hash =
          fields_.parsed(line_, "commit_hash", "64 hexadecimal digits", parse_hex<CommitHash>);
    }
    return exported;
  }

 private:
  Event read_data() {
    const auto type =
        fields_.parsed(line_, "type", "a type of event", named_up_to(EventType::command_refused));
    if (!fields_.ok()) return {};
    const json::object& data = fields_.object(line_, "data");
    switch (type) {
      case EventType::product_registered:
        return ProductRegistered{product(data), name(data), units(data, "stock")};
      case EventType::stock_received:
        return StockReceived{product(data), quantity(data), units(data, "stock_after"), reason(data)};
      case EventType::stock_written_off:
        return StockWrittenOff{product(data), quantity(data), units(data, "stock_after"), reason(data)};
      case EventType::product_retired:
        return ProductRetired{product(data), units(data, "stock_after")};
      case EventType::order_drafted:
        return OrderDrafted{order(data), lines(data)};
      case EventType::order_placed:
        return OrderPlaced{order(data), stocked_lines(data, true)};
      case EventType::order_aborted: {
        const bool was_draft = fields_.flag(data, "was_draft");
        return OrderAborted{order(data), was_draft, stocked_lines(data, !was_draft), reason(data)};
      }
      case EventType::order_fulfilled:
        return OrderFulfilled{order(data), stocked_lines(data, true), reason(data)};
      case EventType::command_refused:
        return CommandRefused{
            fields_.parsed(data, "command", "a kind of command", named_up_to(CommandKind::fulfil_order)),
            refusal(data)};
    }
    return {};
  }

  /// The id that the event is about; its version there is the event's.
  template <class Id>
  Id subject(const json::object& data, std::string_view name) {
    const Id id = fields_.id<Id>(data, name);
    if (fields_.ok()) version_ = version_in(StreamId::of(id));
    return id;
  }
  Sku product(const json::object& data) { return subject<Sku>(data, "sku"); }
  OrderId order(const json::object& data) { return subject<OrderId>(data, "order"); }

  StreamVersion version_in(const StreamId& stream) {
    return fields_.strong<StreamVersion>(fields_.object(line_, "streams"), stream.str());
  }

  std::string name(const json::object& from) { return fields_.text(from, "name", kMaxNameBytes); }
  std::string reason(const json::object& from) { return fields_.text(from, "reason", kMaxReasonBytes); }
  Quantity quantity(const json::object& from) {
    return static_cast<Quantity>(fields_.number(from, "quantity", 1, kMaxQuantity));
  }
  Units units(const json::object& from, std::string_view name) {
    return fields_.number(from, name, 0, kMaxUnits);
  }

  Lines lines(const json::object& from) {
    return fields_.list(from, "lines", kMaxLines, [&](const json::object& line) {
      return Line{fields_.id<Sku>(line, "sku"), quantity(line)};
    });
  }
  StockedLines stocked_lines(const json::object& from, bool moved) {
    return fields_.list(from, "lines", kMaxLines, [&](const json::object& line) {
      StockedLine stocked{fields_.id<Sku>(line, "sku"), quantity(line), 0, StreamVersion()};
      if (!moved || !fields_.ok()) return stocked;
      stocked.stock_after = units(line, "stock_after");
      stocked.version = version_in(StreamId::of(stocked.sku));
      return stocked;
    });
  }

  Refusal refusal(const json::object& from) {
    Refusal refusal;
    refusal.rule = fields_.parsed(from, "error", "a rule", named_up_to(kLastRule));
    if (!JsonFields::is_null(from, "subject")) {
      refusal.subject = fields_.parsed(from, "subject", "a stream", StreamId::parse);
      refusal.actual = fields_.strong<StreamVersion>(from, "actual_version");
    }
    if (!JsonFields::is_null(from, "state")) refusal.state = state(fields_.object(from, "state"));
    if (!JsonFields::is_null(from, "position")) {
      refusal.obstacle = fields_.strong<GlobalPosition>(from, "position");
    }
    if (!JsonFields::is_null(from, "expected_version")) {
      refusal.expected = ExpectedVersion::exactly(
          fields_.strong<StreamVersion>(from, "expected_version", kMaxNumber - 1));  // as the record has it
    }
    refusal.requested = units(from, "requested");
    refusal.detail = fields_.text(from, "detail", kMaxDetailBytes);
    return refusal;
  }

  AggregateState state(const json::object& from) {
    if (from.contains("sku")) return product_state(from);
    return order_state(from);
  }
  Product product_state(const json::object& from) {
    return {.name = name(from),
            .received = units(from, "received"),
            .written_off = units(from, "written_off"),
            .in_progress = units(from, "in_progress"),
            .fulfilled = units(from, "fulfilled"),
            .retired = fields_.flag(from, "retired"),
            .version = fields_.strong<StreamVersion>(from, "version"),
            .registered_at = fields_.strong<GlobalPosition>(from, "registered_at"),
            .retired_at = fields_.strong<GlobalPosition>(from, "retired_at"),
            .changed_at = fields_.strong<GlobalPosition>(from, "changed_at")};
  }
  Order order_state(const json::object& from) {
    return {.status = fields_.parsed(from, "status", "a status", named_up_to(OrderStatus::fulfilled)),
            .lines = lines(from),
            .version = fields_.strong<StreamVersion>(from, "version"),
            .changed_at = fields_.strong<GlobalPosition>(from, "changed_at"),
            .changed_by = fields_.text(from, "changed_by", kMaxActorBytes)};
  }

  JsonFields& fields_;
  const json::object& line_;
  StreamVersion version_;
};

LedgerRecord read_ledger(JsonFields& fields, const json::object& line) {
  LedgerRecord ledger;
  if (line.at("format") != json::value(kFormat))
    fields.fail(line, "format", '"' + std::string(kFormat) + '"');
  ledger.ledger.bytes = fields.parsed(line, "ledger", "a UUID", parse_uuid);
  ledger.epoch = read_epoch(fields, line);
  ledger.created = fields.parsed(line, "created", "a time", parse_stored_time);
  return ledger;
}

ExportLine read_line(JsonFields& fields, const json::object& line) {
  if (line.contains("format")) return read_ledger(fields, line);
  if (line.contains("end")) {
    return ExportEnd{fields.strong<GlobalPosition>(line, "end"),
                     fields.parsed(line, "hash", "64 hexadecimal digits", parse_hex<CommitHash>)};
  }
  return ExportedEventReader(fields, line).read();
}

/// The words of a message are for people, and a later program may choose others.
void take_message(const json::object& from, json::object& to) {
  const auto* data = from.if_contains("data");
  const auto* message =
      data != nullptr && data->is_object() ? data->get_object().if_contains("message") : nullptr;
  if (message == nullptr || !message->is_string()) return;
  if (auto* own = to["data"].get_object().if_contains("message")) *own = *message;
}

template <class Value>
std::string serialized(const Value& value) {
  return json::serialize(object_of(value)) + '\n';
}

}  // namespace

std::string line_of(const LedgerRecord& ledger) { return serialized(ledger); }
std::string line_of(const ExportedEvent& exported) { return serialized(exported); }
std::string line_of(const ExportEnd& end) { return serialized(end); }

std::expected<ExportLine, std::string> parse_export_line(std::string_view line) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  const json::value parsed = json::parse(json::string_view(line.data(), line.size()), error, {}, options);
  if (error) return std::unexpected("expected an object of JSON, found something else: " + error.message());
  if (!parsed.is_object()) return std::unexpected("expected an object of JSON, found another value");
  if (repeats_a_field(line, parsed)) return std::unexpected("expected every field once, found one again");

  JsonFields fields;
  ExportLine read = read_line(fields, parsed.get_object());
  if (!fields.ok()) return std::unexpected(fields.error());
  const auto* exported = std::get_if<ExportedEvent>(&read);
  if (exported != nullptr && !in_range(exported->event)) {
    return std::unexpected("expected an event, found one with values that none can have");
  }
  // A line holds some facts twice, so it must equal what would be written for the event that was read.
  json::object written = std::visit([](const auto& value) { return object_of(value); }, read);
  if (exported != nullptr) take_message(parsed.get_object(), written);
  if (auto differs = difference(written, parsed); !differs.empty()) return std::unexpected(differs);
  return read;
}

}  // namespace stockfold
