#include "interleavings/request.h"

#include <cassert>
#include <sstream>
#include <utility>

#include "server/ledger/admit.h"
#include "support/ids.h"

namespace stockfold {
namespace {

CommandBody body_of(const Ask& ask) {
  const auto units = static_cast<Quantity>(ask.units);
  if (ask.verb == "register") return RegisterProduct{sku(ask.id), "", units};
  if (ask.verb == "receive") return ReceiveStock{sku(ask.id), units, ""};
  if (ask.verb == "write_off") return WriteOffStock{sku(ask.id), units, ""};
  if (ask.verb == "retire") return RetireProduct{sku(ask.id)};

  const std::optional<OrderId> order = OrderId::parse(ask.id);
  if (ask.verb == "abort") return AbortOrder{order.value(), ""};
  if (ask.verb == "fulfil") return FulfilOrder{order.value(), ""};
  Lines lines;
  for (const auto& [product, quantity] : ask.lines) {
    lines.push_back({sku(product), static_cast<Quantity>(quantity)});
  }
  if (ask.verb == "draft") return DraftOrder{order, std::move(lines)};
  assert(ask.verb == "place");
  return PlaceOrder{order, std::move(lines)};
}

}  // namespace

Ask ask_of(std::string_view words) {
  std::istringstream in{std::string(words)};
  Ask ask;
  in >> ask.verb;
  for (std::string word; in >> word;) {
    if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      ask.lines[word.substr(0, equals)] = std::stoll(word.substr(equals + 1));
    } else if (word == "expecting") {
      in >> ask.expected.emplace();
    } else if (ask.id.empty()) {
      ask.id = word;
    } else {
      ask.units = std::stoll(word);
    }
  }
  return ask;
}

std::string text_of(const Request& request) {
  if (request.command_id == 0) return request.words;
  return request.words + " (id " + std::to_string(request.command_id) + ")";
}

Command command_of(const Request& request, std::size_t client) {
  const Ask ask = ask_of(request.words);
  Command command;
  command.body = body_of(ask);
  if (ask.expected) {
    command.expected = ExpectedVersion::exactly(StreamVersion(static_cast<std::uint64_t>(*ask.expected)));
  }
  if (request.command_id != 0) command.identity.emplace().id.bytes.back() = request.command_id;
  if (client != kNobody) command.actor = std::to_string(client + 1);
  const auto malformed = admit(command);
  assert(!malformed);
  static_cast<void>(malformed);
  return command;
}

std::size_t client_of(std::string_view actor) {
  return actor.empty() ? kNobody : std::stoull(std::string(actor)) - 1;
}

}  // namespace stockfold
