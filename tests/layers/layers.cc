// Which folder may include which, and its check.
#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "layers/rules.h"

namespace stockfold {
namespace {

/// A folder may include its own headers, the standard library, and all of the headers of the folders named
/// here. A name is a whole folder, not those below it. Libraries are named by how their includes begin;
/// <posix> is the system's C interface.
struct Folder {
  std::string_view path;
  std::string_view folders;
  std::string_view libraries;             ///< In headers and sources.
  std::string_view libraries_of_sources;  ///< In sources only.
};

constexpr std::array kFolders = {
    Folder{"core", "", "", ""},

    Folder{"storage/codec", "core", "<cereal/", "<openssl/ <xxhash.h>"},
    Folder{"storage/log", "core storage/codec", "", ""},
    Folder{"storage/views", "core storage/codec storage/log", "", ""},
    Folder{"storage/files", "core storage/codec", "", "<openssl/ <posix>"},
    Folder{"storage/engine", "core storage/codec storage/log storage/views", "", ""},
    Folder{"storage/rocksdb", "core storage/codec storage/engine storage/files storage/log storage/views",
           "<rocksdb/", "<posix>"},

    Folder{"projections", "core storage/codec storage/log storage/views", "", ""},
    Folder{"projections/following", "core projections storage/log storage/views", "", ""},
    Folder{"projections/audit",
           "core projections projections/following storage/codec storage/files storage/log storage/views", "",
           "<xxhash.h>"},

    Folder{"protocol", "core storage/codec", "", "<libdeflate.h>"},
    Folder{"protocol/unicode", "core", "", "<utf8proc.h>"},
    Folder{"protocol/text", "core protocol", "<boost/json", "<fmt/"},
    Folder{"net", "core", "<boost/", "<openssl/ <posix>"},

    Folder{"server/ledger", "core projections protocol protocol/unicode storage/codec storage/log", "", ""},
    Folder{"server/zones", "core", "", "<absl/"},
    Folder{"server/queries",
           "core net projections projections/following protocol protocol/text server/ledger server/zones "
           "storage/files storage/log",
           "<boost/", ""},
    Folder{"server/engine",
           "core net projections projections/following protocol protocol/text server/ledger server/queries "
           "storage/codec storage/engine storage/files storage/log storage/views",
           "<boost/", "<fmt/ <spdlog/"},
    Folder{"server/logging", "core storage/files", "<spdlog/", "<posix>"},
    Folder{"server/access", "core net protocol protocol/text storage/codec storage/files", "<boost/",
           "<spdlog/ <posix>"},
    Folder{"server/metrics", "core net protocol server/ledger storage/engine storage/log", "", "<posix>"},
    Folder{"server/tcp",
           "core net projections projections/following protocol server/access server/engine server/ledger "
           "server/metrics "
           "server/queries storage/log",
           "<boost/", ""},
    Folder{"server/http",
           "core net protocol protocol/text server/access server/engine server/http/page server/ledger "
           "server/logging server/metrics server/queries storage/codec",
           "<boost/", "<fmt/"},
    Folder{"server/http/page", "storage/codec", "", ""},
    Folder{
        "server",
        "core net projections projections/following protocol server/access server/engine server/http "
        "server/ledger server/logging server/metrics server/queries server/tcp storage/codec storage/engine "
        "storage/files storage/log",
        "<boost/", "<fmt/ <spdlog/"},

    Folder{"clients/cpp/include/stockfold", "core net protocol", "", ""},
    Folder{"clients/cpp", "clients/cpp/include/stockfold core net protocol storage/codec", "<boost/", ""},

    Folder{"tools/console", "clients/cpp/include/stockfold core protocol protocol/text storage/codec",
           "<CLI/ <fmt/", "<boost/json <posix>"},
    Folder{
        "tools/reports",
        "core projections/audit projections/following protocol/text storage/engine storage/log tools/console",
        "", "<boost/json <fmt/"},
    Folder{
        "tools/batches",
        "clients/cpp/include/stockfold core protocol protocol/text server/http server/ledger storage/codec",
        "", ""},
    Folder{"tools/load", "clients/cpp/include/stockfold core net protocol storage/codec tools/console",
           "<posix>", "<fmt/"},
    Folder{"tools/settings",
           "clients/cpp/include/stockfold protocol/text server server/logging tools/console", "<CLI/",
           "<boost/json <fmt/ <toml++/ <posix>"},
    Folder{"tools/transfer",
           "clients/cpp/include/stockfold core projections projections/audit projections/following "
           "protocol/text protocol/unicode server/engine "
           "server/ledger storage/codec storage/engine storage/files storage/log tools/console tools/reports",
           "", "<boost/json <fmt/ <posix>"},
    Folder{"tools/commands",
           "core projections projections/audit projections/following protocol/text server server/access "
           "server/logging server/queries storage/codec storage/engine storage/files storage/log "
           "storage/rocksdb "
           "tools/batches tools/console tools/load "
           "tools/reports tools/settings tools/transfer",
           "<CLI/", "<boost/json <fmt/ <spdlog/ <posix>"},
    Folder{"tools", "tools/commands tools/console", "<CLI/", "<posix>"},
};

constexpr std::string_view kPosix = "<posix>";

/// Standard headers that pure decisions must not use: clocks, chance, threads, files.
constexpr std::array<std::string_view, 12> kImpure = {
    "<chrono>", "<condition_variable>", "<cstdio>", "<ctime>",  "<filesystem>", "<fstream>",
    "<future>", "<iostream>",           "<mutex>",  "<random>", "<stop_token>", "<thread>"};

constexpr std::array<std::string_view, 3> kLibrariesNamedLikeTheSystem = {"<xxhash.h>", "<libdeflate.h>",
                                                                          "<utf8proc.h>"};

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether `is_meant` holds for a word of `words`, which are separated by blanks.
bool any_word(std::string_view words, const auto& is_meant) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (is_meant(word)) return true;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return false;
}

bool is_standard(std::string_view include) {
  return include.starts_with('<') && include.find_first_of("./") == std::string_view::npos;
}

bool is_posix(std::string_view include) {
  if (!include.starts_with('<') || contains(kLibrariesNamedLikeTheSystem, include)) return false;
  return include.find('/') == std::string_view::npos || include.starts_with("<sys/") ||
         include.starts_with("<netinet/") || include.starts_with("<arpa/") || include.starts_with("<linux/");
}

/// What a line includes: `core/ids.h` if it is in quotes, `<vector>` if it is in brackets.
std::optional<std::string> include_of(std::string_view line) {
  constexpr std::string_view kDirective = "include";
  const auto skip_blanks = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_blanks();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with(kDirective)) return std::nullopt;
  line.remove_prefix(kDirective.size());
  skip_blanks();
  const bool quoted = line.starts_with('"');
  if (!quoted && !line.starts_with('<')) return std::nullopt;
  const std::size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(quoted ? line.substr(1, end - 1) : line.substr(0, end + 1));
}

std::string_view folder_of(std::string_view file) {
  return file.substr(0, std::min(file.rfind('/'), file.size()));
}

const Folder* find_folder(std::string_view path) {
  const auto* const found = std::ranges::find(kFolders, path, &Folder::path);
  return found == kFolders.end() ? nullptr : found;
}

bool may_include(const Folder& folder, std::string_view file, std::string_view include) {
  if (is_standard(include)) return folder.path != "core" || !contains(kImpure, include);
  if (include == "<stockfold/client.h>") {  // as its users include it
    return any_word(folder.folders,
                    [](std::string_view path) { return path == "clients/cpp/include/stockfold"; });
  }
  if (!include.starts_with('<')) {
    const std::string_view other = folder_of(include);
    return other == folder.path ||
           any_word(folder.folders, [&](std::string_view path) { return path == other; });
  }
  const std::string_view library = is_posix(include) ? kPosix : include;
  const auto is_granted = [&](std::string_view granted) { return library.starts_with(granted); };
  return any_word(folder.libraries, is_granted) ||
         (file.ends_with(".cc") && any_word(folder.libraries_of_sources, is_granted));
}

bool is_test_or_benchmark(std::string_view file) {
  return file.starts_with("tests/") || file.starts_with("bench/");
}

}  // namespace

std::vector<std::string> broken_layers(const Tree& tree) {
  std::vector<std::string> broken;
  for (const auto& [file, text] : tree) {
    if (is_test_or_benchmark(file)) continue;
    const Folder* const folder = find_folder(folder_of(file));
    if (folder == nullptr) {
      broken.push_back(file + ": is in a folder that the matrix does not have");
      continue;
    }
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      const std::optional<std::string> include = include_of(line);
      if (!include || may_include(*folder, file, *include)) continue;
      broken.push_back(file + ":" + std::to_string(number) + ": may not include " + *include);
    }
  }
  return broken;
}

std::vector<std::string> folders_in_circles() {
  std::vector<std::string_view> sorted;  // each after all folders that it may include
  std::vector<std::string> left;
  std::size_t before = 0;
  do {
    before = sorted.size();
    left.clear();
    for (const Folder& folder : kFolders) {
      if (contains(sorted, folder.path)) continue;
      const bool waits =
          any_word(folder.folders, [&](std::string_view path) { return !contains(sorted, path); });
      if (waits) {
        left.emplace_back(folder.path);
      } else {
        sorted.push_back(folder.path);
      }
    }
  } while (sorted.size() > before);
  return left;
}

}  // namespace stockfold
