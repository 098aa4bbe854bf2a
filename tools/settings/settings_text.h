// Settings as they are shown: none of these shows a secret.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/settings/settings.h"

namespace stockfold {

/// A file with these settings, that can be used again, and where each comes from behind it: `file` is what
/// resolve_settings() was given. What is not set, and secrets, are comments.
[[nodiscard]] std::string config_text(const std::vector<Setting>& settings,
                                      const std::filesystem::path& file);
/// The same as one JSON object, an object a key.
[[nodiscard]] std::string config_json(const std::vector<Setting>& settings,
                                      const std::filesystem::path& file);
/// The table of docs/CONFIGURATION.md: every setting, in Markdown.
[[nodiscard]] std::string reference_text(const std::vector<Setting>& settings);

}  // namespace stockfold
