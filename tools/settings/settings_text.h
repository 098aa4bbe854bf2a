// Settings as text. No function here shows a secret.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/settings/settings.h"

namespace stockfold {

/// A file with these settings, which serve can read, with the source of each behind it. `file` is the
/// argument of resolve_settings(). Settings without a value, and secrets, are comments.
[[nodiscard]] std::string config_text(const std::vector<Setting>& settings,
                                      const std::filesystem::path& file);
/// The same as one JSON object, with an object for each key.
[[nodiscard]] std::string config_json(const std::vector<Setting>& settings,
                                      const std::filesystem::path& file);
/// The table of docs/CONFIGURATION.md: every setting, in Markdown.
[[nodiscard]] std::string reference_text(const std::vector<Setting>& settings);

}  // namespace stockfold
