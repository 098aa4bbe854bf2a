// Which types the sources define, and which of their names are taken twice.
#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "layers/rules.h"

namespace stockfold {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_raw_text(std::string_view text, std::size_t quote) {
  return quote > 0 && text[quote - 1] == 'R' && (quote == 1 || !is_word(text[quote - 2]));
}

/// Where the text that begins with the quote at `at` ends, its closing quote included.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  if (text[at] == '"' && is_raw_text(text, at)) {
    const std::size_t open = text.find('(', at);
    const std::string close = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
    return text.find(close, open) + close.size();
  }
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != text[at]) end += text[end] == '\\' ? 2U : 1U;
  return end + 1;
}

/// A quote within a number separates its digits.
bool opens_text(std::string_view text, std::size_t at) {
  if (text[at] == '"') return true;
  return text[at] == '\'' && (at == 0 || std::isxdigit(static_cast<unsigned char>(text[at - 1])) == 0);
}

/// The source without comments, texts and directives of the preprocessor.
std::string code_of(std::string_view text) {
  std::string code;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const bool begins_line = at == 0 || text[at - 1] == '\n';
    std::size_t skipped = 0;
    if (rest.starts_with("//") || (begins_line && rest.front() == '#')) {
      skipped = std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      skipped = std::min(rest.find("*/"), rest.size() - 2) + 2;
    } else if (opens_text(text, at)) {
      skipped = end_of_text(text, at) - at;
    }
    if (skipped == 0) code += rest.front();
    at += std::max<std::size_t>(skipped, 1);
  }
  return code;
}

/// The words of a declaration; every other character is a word of its own, but for `::`.
std::vector<std::string_view> words_of(std::string_view code) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < code.size();) {
    std::size_t size = 1;
    if (is_word(code[at])) {
      while (at + size < code.size() && is_word(code[at + size])) ++size;
    } else if (code.substr(at).starts_with("::")) {
      size = 2;
    }
    if (std::isspace(static_cast<unsigned char>(code[at])) == 0) words.push_back(code.substr(at, size));
    at += size;
  }
  return words;
}

bool opens_namespace(const std::vector<std::string_view>& head) {
  return std::ranges::find(head, "namespace") != head.end();
}

/// The type whose body follows `head`: the name after class, struct, union or enum. None if it is the
/// qualified name of a nested type, a specialization, or the type of a parameter.
std::optional<std::string> type_defined_by(const std::vector<std::string_view>& head) {
  const auto is_key = [](std::string_view word) {
    return word == "class" || word == "struct" || word == "union" || word == "enum";
  };
  std::size_t depth = 0;  // within the parameters of a template
  for (std::size_t i = 0; i + 1 < head.size(); ++i) {
    if (head[i] == "<") ++depth;
    if (head[i] == ">" && depth > 0) --depth;
    if (depth > 0 || !is_key(head[i])) continue;
    if (is_key(head[i + 1])) ++i;  // enum class
    if (i + 1 >= head.size() || !is_word(head[i + 1].front())) return std::nullopt;
    const std::string_view next = i + 2 < head.size() ? head[i + 2] : std::string_view();
    const bool begins_body = next.empty() || next == "final" || next == ":";
    return begins_body ? std::optional(std::string(head[i + 1])) : std::nullopt;
  }
  return std::nullopt;
}

/// The alias that a declaration defines: `using Name = ...`, a template or not.
std::optional<std::string> alias_defined_by(const std::vector<std::string_view>& declaration) {
  const auto found = std::ranges::find(declaration, "using");
  if (declaration.end() - found < 3 || found[2] != "=") return std::nullopt;
  return std::string(found[1]);
}

/// The types that a source defines in namespaces; those within a class or a function are its own.
std::set<std::string> types_defined_in(std::string_view text) {
  const std::string code = code_of(text);
  std::set<std::string> types;
  std::vector<bool> is_namespace;  // each brace that is open
  std::size_t begin = 0;           // of the declaration
  for (std::size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c != '{' && c != '}' && c != ';') continue;
    const auto words = words_of(std::string_view(code).substr(begin, at - begin));
    begin = at + 1;
    const bool in_namespaces = std::ranges::find(is_namespace, false) == is_namespace.end();
    if (c == '}') {
      if (!is_namespace.empty()) is_namespace.pop_back();
      continue;
    }
    if (in_namespaces) {
      const auto type = c == '{' ? type_defined_by(words) : alias_defined_by(words);
      if (type) types.insert(*type);
    }
    if (c == '{') is_namespace.push_back(opens_namespace(words));
  }
  return types;
}

bool is_production(std::string_view file) {
  return !file.starts_with("tests/") && !file.starts_with("bench/");
}

}  // namespace

std::vector<std::string> repeated_type_names(const Tree& tree) {
  std::map<std::string, std::vector<std::string>> files_of;
  for (const auto& [file, text] : tree) {
    if (!is_production(file)) continue;
    for (const std::string& type : types_defined_in(text)) files_of[type].push_back(file);
  }
  std::vector<std::string> repeated;
  for (const auto& [type, files] : files_of) {
    if (files.size() < 2) continue;
    std::string line = type + ": is defined in";
    for (const std::string& file : files) line += " " + file;
    repeated.push_back(std::move(line));
  }
  return repeated;
}

}  // namespace stockfold
