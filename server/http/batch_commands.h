// Commands by their names, as they are in batches: one table. The fields of a command are those of its route.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "core/command.h"
#include "server/http/asks.h"
#include "server/http/fields.h"
#include "server/http/match.h"

namespace stockfold {

/// A command in the fields of one object: `command` is its name; `command_id`, `expected_version` and `actor`
/// are those of every command. The error names what is wrong with each field. Not yet admitted.
[[nodiscard]] std::expected<Command, std::vector<HttpFault>> named_command(HttpFields& fields);
/// All faults in one sentence.
[[nodiscard]] std::string sentence_of(const std::vector<HttpFault>& faults);

/// POST /batch/.
HttpRead<HttpBatch> read_batch(const HttpMatch& match);

}  // namespace stockfold
