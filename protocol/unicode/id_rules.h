// What the ids of commands must be beyond core's is_identifier(): printable, and in Unicode's normal form
// NFC. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/command.h"

namespace stockfold {

/// Why `id`, which is_identifier() accepts, is no id of a command, in words that can follow its name: a
/// character that is not printable (a control or format character, a line or paragraph separator, a private
/// or unassigned code point), a blank at either end, text that is not in NFC. Empty if it is one; so for
/// every id of ASCII. Whether a code point is assigned is a question of the library's version of Unicode.
[[nodiscard]] std::optional<std::string> id_malformation(std::string_view id);

/// The same of every id in a command, from the first to the last. Names the argument.
[[nodiscard]] std::optional<std::string> id_malformation(const CommandBody& body);

}  // namespace stockfold
