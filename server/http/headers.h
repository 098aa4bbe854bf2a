// The headers of a command: its id, the life that it refers to, the version that it expects.
#pragma once

#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/numbers.h"
#include "protocol/text/arguments.h"
#include "server/http/fields.h"

namespace stockfold {

/// The values of all lines of a header, as one list.
[[nodiscard]] std::string all_of(const HttpRequest& request, std::string_view name);

/// The one life that all of these name; empty if none names one.
[[nodiscard]] Parsed<std::string> one_life(std::initializer_list<std::string> named);

/// The condition under which a command is done.
struct Precondition {
  ExpectedVersion version;
  std::string life;  ///< In the tags; empty if they name none.
};

/// From If-Match and If-None-Match. Errors begin with the header and a colon, here and below.
[[nodiscard]] std::expected<Precondition, std::string> precondition_of(const HttpRequest& request);

/// From Idempotency-Key; empty if there is none.
[[nodiscard]] std::expected<std::optional<CommandIdentity>, std::string> identity_of(
    const HttpRequest& request);

/// The command id of an Idempotency-Key: a UUID itself, with or without quotes; of anything else its hash.
[[nodiscard]] CommandId command_id_of(std::string_view key);

}  // namespace stockfold
