#include "server/ledger/admit.h"

#include <string>
#include <utility>
#include <variant>

#include "protocol/unicode/id_rules.h"
#include "storage/codec/body_hash.h"

namespace stockfold {

std::optional<Failure> admit(Command& command) {
  // Before any other message quotes an id.
  if (auto wrong = id_malformation(command.body)) {
    return Failure(ErrorCode::invalid_argument, std::move(*wrong));
  }
  Lines* lines = nullptr;
  if (auto* draft = std::get_if<DraftOrder>(&command.body)) lines = &draft->lines;
  if (auto* place = std::get_if<PlaceOrder>(&command.body)) lines = &place->lines;
  if (lines != nullptr) {
    auto normal = normalise(std::move(*lines));
    if (!normal) return Failure(ErrorCode::invalid_argument, std::move(normal.error()));
    *lines = std::move(*normal);
  }
  if (auto wrong = malformation(command)) return Failure(ErrorCode::invalid_argument, std::move(*wrong));
  if (auto wrong = new_id_malformation(command.body)) {
    return Failure(ErrorCode::invalid_argument, std::move(*wrong));
  }
  if (!command.identity) return std::nullopt;
  if (auto wrong = never_drawn(command.identity->id)) {
    return Failure(ErrorCode::invalid_argument, "command_id: " + *wrong);
  }
  command.identity->body = body_hash(command.body, command.expected);
  return std::nullopt;
}

Failure too_busy() {
  return Failure(ErrorCode::overloaded,
                 "the ledger has more to do than it can; this attempt did nothing: ask again, under the same "
                 "command id where it has one");
}

Failure shutting_down() {
  return Failure(
      ErrorCode::overloaded,
      "the ledger is shutting down: this attempt did nothing, connect again and ask under the same "
      "command id where it has one");
}

}  // namespace stockfold
