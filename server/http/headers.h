// What the headers of an HTTP request say of a command: under which id, in which life, at which version.
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

/// All that the lines of a header say, as one list.
[[nodiscard]] std::string all_of(const HttpRequest& request, std::string_view name);

/// The one life that all of these name, where any does.
[[nodiscard]] Parsed<std::string> one_life(std::initializer_list<std::string> said);

/// What must be so for a command to be done.
struct Precondition {
  ExpectedVersion version;
  std::string life;  ///< Of the tags; empty where they name none.
};

/// By If-Match and If-None-Match. The error begins with the header and a colon, here and below.
[[nodiscard]] std::expected<Precondition, std::string> precondition_of(const HttpRequest& request);

/// By Idempotency-Key, where there is one.
[[nodiscard]] std::expected<std::optional<CommandIdentity>, std::string> identity_of(
    const HttpRequest& request);

/// The command id that an Idempotency-Key stands for: a UUID itself, with or without quotes, anything else by
/// its hash.
[[nodiscard]] CommandId command_id_of(std::string_view key);

}  // namespace stockfold
