#include "server/http/batch_commands.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "server/http/bodies.h"
#include "server/http/claims.h"
#include "server/http/commands.h"
#include "server/http/headers.h"

namespace stockfold {
namespace {

constexpr std::size_t kMaxCommandIdBytes = 255;

/// A command and what its fields claim about its order or product.
struct ReadCommand {
  CommandBody body;
  std::vector<Claim> claims;
};

// ---- commands by name -------------------------------------------------------------------------------------

/// Of a command about an order or a product that exists, which the field `name` or `other_name` has.
template <class Id, auto Make>
ReadCommand about(HttpFields& fields, std::string_view name, std::string_view other_name) {
  const auto id = id_of_either<Id>(fields, name, other_name);
  if (!id) fields.fail(name, "expected an id, found none");
  ReadCommand read{Make(id.value_or(Id()), fields), {}};
  read.claims = claims_in(fields, id.value_or(Id()));
  return read;
}
template <auto Make>
ReadCommand about_product(HttpFields& fields) {
  return about<Sku, Make>(fields, "sku", "product");
}
template <auto Make>
ReadCommand about_order(HttpFields& fields) {
  return about<OrderId, Make>(fields, "order", "id");
}

ReadCommand read_product(HttpFields& fields) { return {new_product(fields), {}}; }

ReadCommand read_draft(HttpFields& fields) {
  CommandBody body = new_order(fields);
  if (auto* place = std::get_if<PlaceOrder>(&body)) {
    return {DraftOrder{std::move(place->order), std::move(place->lines)}, {}};
  }
  return {std::move(body), {}};
}

/// A new order, or without lines the draft that it names.
ReadCommand read_order(HttpFields& fields) {
  const bool has_lines = fields.has("lines") || fields.has("line") || fields.has("product");
  if (has_lines) return {new_order(fields), {}};
  return about_order<placed_draft>(fields);
}

struct NamedCommand {
  std::string_view name;
  ReadCommand (*read)(HttpFields& fields);
};
/// A further command is one entry.
constexpr std::array kNamedCommands = {
    NamedCommand{"register_product", read_product},
    NamedCommand{"receive_stock", about_product<received>},
    NamedCommand{"write_off_stock", about_product<written_off>},
    NamedCommand{"retire_product", about_product<retired>},
    NamedCommand{"draft_order", read_draft},
    NamedCommand{"place_order", read_order},
    NamedCommand{"abort_order", about_order<aborted>},
    NamedCommand{"fulfil_order", about_order<fulfilled>},
    NamedCommand{"fulfill_order", about_order<fulfilled>},
};

std::string all_names() {
  std::string names;
  for (const NamedCommand& command : kNamedCommands) {
    if (!names.empty()) names += ", ";
    names += command.name;
  }
  return names;
}

std::optional<CommandIdentity> identity_in(HttpFields& fields) {
  const std::string key = fields.text("command_id", kMaxCommandIdBytes);
  if (key.empty()) return std::nullopt;
  const CommandId id = command_id_of(key);
  if (auto wrong = never_drawn(id)) fields.fail("command_id", std::move(*wrong));
  return CommandIdentity{id, {}};
}

ExpectedVersion expected_in(HttpFields& fields) {
  if (!fields.has("expected_version")) return ExpectedVersion::any();
  return ExpectedVersion::exactly(StreamVersion(fields.number("expected_version", 0, UINT64_MAX)));
}

// ---- the batch --------------------------------------------------------------------------------------------

/// Of a command without an id, in a batch that has one: sent again, the batch is all replays.
CommandIdentity id_in_batch(const CommandIdentity& batch, std::size_t index) {
  return {command_id_of(to_uuid(batch.id.bytes) + "/" + std::to_string(index)), {}};
}

}  // namespace

std::expected<Command, std::vector<HttpFault>> named_command(HttpFields& fields) {
  const std::string name = fields.text("command", 64);
  const auto* named = std::ranges::find(kNamedCommands, name, &NamedCommand::name);
  if (named == kNamedCommands.end()) {
    return std::unexpected(std::vector<HttpFault>{
        {HttpFault::In::body, "/command",
         "expected one of " + all_names() + (name.empty() ? "; found none" : "; found " + name)}});
  }
  auto [body, claims] = named->read(fields);
  Command command{std::move(body), expected_in(fields), identity_in(fields),
                  fields.text("actor", kMaxActorBytes), std::move(claims)};
  std::vector<HttpFault> faults = fields.faults();
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return command;
}

std::string sentence_of(const std::vector<HttpFault>& faults) {
  std::string sentence;
  for (const HttpFault& fault : faults) {
    if (!sentence.empty()) sentence += "; ";
    sentence += malformed({fault}).detail;
  }
  return sentence;
}

HttpRead<HttpBatch> read_batch(const HttpMatch& match) {
  HttpBatch batch;
  batch.atomic = match.fields.flag("atomic");
  const boost::json::array* list =
      match.fields.has("commands") ? match.fields.value("commands").if_array() : nullptr;
  if (list == nullptr) match.fields.fail("commands", "expected a list of commands");
  auto envelope = envelope_of(match);
  if (!envelope) return unread(std::move(envelope.error()));
  if (envelope->expected != ExpectedVersion::any()) {
    return unread(
        malformed("If-Match and If-None-Match are for single commands: in a batch, each command may "
                  "have an expected_version"));
  }
  batch.life = std::move(envelope->life);
  for (const boost::json::value& each : *list) {
    HttpFields fields = HttpFields::of(each);
    auto command = named_command(fields);
    batch.unread.emplace_back();
    if (!command) {
      batch.unread.back() = Failure(ErrorCode::invalid_argument, sentence_of(command.error()));
      command = Command{};
    }
    if (command->actor.empty()) command->actor = envelope->actor;
    if (!command->identity && envelope->identity) {
      command->identity = id_in_batch(*envelope->identity, batch.commands.size());
    }
    batch.commands.push_back(std::move(*command));
  }
  if (auto failed = malformation_of_batch(batch.commands))
    return unread(malformed(std::move(failed->detail)));
  return batch;
}

}  // namespace stockfold
