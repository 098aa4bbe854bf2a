// House rules for sources, and the reader of the source tree.
#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "layers/rules.h"

namespace stockfold {
namespace {

constexpr std::array kDirectories = {"core",   "storage", "projections", "protocol", "net",
                                     "server", "clients", "tools",       "tests",    "bench"};

// Words that name nothing in particular.
constexpr std::string_view kVagueFile = "manager|helper|util|process";
constexpr std::string_view kVagueType =
    R"(\b(class|struct|enum class)\s+(\w*(Manager|Helper|Util|Process)\w*))";
// Built from two halves, because this file is checked as well.
constexpr std::string_view kNote = R"(\b(TO)"
                                   R"(DO|FIX)"
                                   R"(ME|X)"
                                   R"(XX)\b)";

std::regex pattern(std::string_view text) {
  return std::regex(text.begin(), text.end(), std::regex::optimize);
}

bool has_pragma_once(const std::string& text) {
  return text.starts_with("#pragma once\n") || text.find("\n#pragma once\n") != std::string::npos;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return std::move(text).str();
}

/// "path:line" of the first match, with the words that matched.
std::optional<std::string> first_match(const std::string& path, const std::string& text,
                                       const std::regex& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, pattern)) return std::nullopt;
  const auto line = 1 + std::count(text.begin(), match[0].first, '\n');
  return path + ":" + std::to_string(line) + ": " + match.str();
}

}  // namespace

Tree read_tree(const std::filesystem::path& root) {
  Tree tree;
  for (const char* directory : kDirectories) {
    if (!std::filesystem::exists(root / directory)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / directory)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      tree.emplace(entry.path().lexically_relative(root).generic_string(), read_file(entry.path()));
    }
  }
  return tree;
}

std::vector<std::string> broken_habits(const Tree& tree) {
  static const std::regex vague_file = pattern(kVagueFile);
  static const std::regex vague_type = pattern(kVagueType);
  static const std::regex note = pattern(kNote);

  std::vector<std::string> broken;
  for (const auto& [file, text] : tree) {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    if (lines > kMaxFileLines) broken.push_back(file + ": has " + std::to_string(lines) + " lines");
    if (file.ends_with(".h") && !has_pragma_once(text)) broken.push_back(file + ": lacks #pragma once");
    if (std::regex_search(file_name(file), vague_file))
      broken.push_back(file + ": says too little by its name");
    if (const auto found = first_match(file, text, vague_type))
      broken.push_back(*found + " says too little by its name");
    if (const auto found = first_match(file, text, note)) broken.push_back(*found + " is a note left behind");
  }
  return broken;
}

}  // namespace stockfold
