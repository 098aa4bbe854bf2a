// The table of layers in docs/ARCHITECTURE.md, as data, and its check.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "layers/rules.h"

namespace stockfold {
namespace {

enum class In : std::uint8_t { any_file, sources };

/// Files whose path starts with `from` may include what starts with `to`.
struct Grant {
  std::string_view from;
  In in;
  std::string_view to;
};

constexpr std::string_view kPosix = "<posix>";  // stands for every header of the system's C interface

constexpr std::array kGrants = {
    Grant{"core/", In::any_file, "core/"},

    Grant{"storage/", In::any_file, "core/"},
    Grant{"storage/", In::any_file, "storage/"},
    Grant{"storage/", In::sources, "storage/rocksdb_"},
    Grant{"storage/rocksdb_", In::any_file, "storage/rocksdb_"},
    Grant{"storage/rocksdb_", In::any_file, "<rocksdb/"},
    Grant{"storage/", In::sources, "storage/bounded_archive.h"},
    Grant{"storage/", In::sources, "storage/domain_archive.h"},
    Grant{"storage/domain_archive.h", In::any_file, "storage/bounded_archive.h"},
    Grant{"storage/domain_archive.h", In::any_file, "<cereal/"},
    Grant{"storage/bounded_archive.h", In::any_file, "<cereal/"},
    Grant{"storage/", In::sources, "<cereal/"},
    Grant{"storage/", In::sources, "<openssl/"},
    Grant{"storage/", In::sources, "<xxhash.h>"},
    Grant{"storage/", In::sources, kPosix},

    Grant{"projections/", In::any_file, "core/"},
    Grant{"projections/", In::any_file, "projections/"},
    Grant{"projections/", In::any_file, "storage/view_store.h"},
    Grant{"projections/", In::any_file, "storage/posting_block.h"},
    Grant{"projections/", In::any_file, "storage/state_codec.h"},
    Grant{"projections/", In::any_file, "storage/event_codec.h"},
    Grant{"projections/", In::any_file, "storage/repeated_keys.h"},
    Grant{"projections/", In::any_file, "storage/commit_chain.h"},
    Grant{"projections/", In::sources, "storage/big_endian.h"},
    Grant{"projections/", In::sources, "storage/view_digest.h"},

    Grant{"server/", In::any_file, "core/"},
    Grant{"server/", In::any_file, "projections/"},
    Grant{"server/", In::any_file, "server/"},
    Grant{"server/", In::any_file, "storage/view_store.h"},
    Grant{"server/", In::any_file, "storage/store.h"},
    Grant{"server/", In::any_file, "storage/store_figures.h"},
    Grant{"server/", In::any_file, "storage/head_key.h"},
    Grant{"server/", In::any_file, "storage/body_hash.h"},
    Grant{"server/", In::any_file, "storage/sha256.h"},
    Grant{"server/", In::any_file, "storage/event_codec.h"},
    Grant{"server/", In::any_file, "storage/state_codec.h"},
    Grant{"server/protocol_", In::any_file, "storage/bounded_archive.h"},
    Grant{"server/protocol_", In::any_file, "storage/domain_archive.h"},
    Grant{"server/protocol_", In::sources, "server/protocol_archive.h"},
    Grant{"server/", In::any_file, "<boost/"},
    Grant{"server/", In::any_file, "<spdlog/"},
    Grant{"server/", In::sources, "<fmt/"},
    Grant{"server/", In::sources, "<libdeflate.h>"},
    Grant{"server/tls.", In::sources, "<openssl/"},
    Grant{"server/", In::sources, kPosix},
    Grant{"server/", In::any_file, "storage/scratch_directory.h"},
    Grant{"server/", In::sources, "storage/durable_directory.h"},

    Grant{"clients/", In::any_file, "core/"},
    Grant{"clients/", In::any_file, "clients/"},
    Grant{"clients/", In::any_file, "server/frame.h"},
    Grant{"clients/", In::any_file, "server/keepalive.h"},
    Grant{"clients/", In::any_file, "server/protocol.h"},
    Grant{"clients/", In::any_file, "server/receive_buffer.h"},
    Grant{"clients/", In::any_file, "server/tls.h"},
    Grant{"clients/", In::any_file, "storage/body_hash.h"},
    Grant{"clients/", In::any_file, "<boost/"},

    Grant{"tools/", In::any_file, "core/"},
    Grant{"tools/", In::any_file, "storage/"},
    Grant{"tools/", In::any_file, "projections/"},
    Grant{"tools/", In::any_file, "server/"},
    Grant{"tools/", In::any_file, "clients/"},
    Grant{"tools/", In::any_file, "tools/"},
    Grant{"tools/", In::any_file, "<CLI/"},
    Grant{"tools/", In::any_file, "<fmt/"},
    Grant{"tools/", In::any_file, "<boost/json"},
    Grant{"tools/serve.", In::sources, "<spdlog/"},
    Grant{"tools/config_file.", In::sources, "<toml++/"},
    Grant{"tools/", In::sources, kPosix},
};

/// What a grant must name: one of the whole layer is not enough.
constexpr std::array<std::string_view, 4> kReserved = {
    "storage/bounded_archive.h", "storage/domain_archive.h", "storage/rocksdb_", "server/protocol_archive.h"};

/// Standard headers that have no business in pure decisions: clocks, chance, threads, files.
constexpr std::array<std::string_view, 12> kImpure = {
    "<chrono>", "<condition_variable>", "<cstdio>", "<ctime>",  "<filesystem>", "<fstream>",
    "<future>", "<iostream>",           "<mutex>",  "<random>", "<stop_token>", "<thread>"};

constexpr std::array<std::string_view, 2> kLibrariesNamedLikeTheSystem = {"<xxhash.h>", "<libdeflate.h>"};

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_standard(std::string_view include) {
  return include.starts_with('<') && include.find_first_of("./") == std::string_view::npos;
}

bool is_posix(std::string_view include) {
  if (!include.starts_with('<') || contains(kLibrariesNamedLikeTheSystem, include)) return false;
  return include.find('/') == std::string_view::npos || include.starts_with("<sys/") ||
         include.starts_with("<netinet/") || include.starts_with("<arpa/") || include.starts_with("<linux/");
}

/// What a line includes: `core/ids.h` where it is in quotes, `<vector>` where it is in brackets.
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

bool grants(const Grant& grant, std::string_view file, std::string_view include) {
  if (!file.starts_with(grant.from) || !include.starts_with(grant.to)) return false;
  if (grant.in == In::sources && !file.ends_with(".cc")) return false;
  return std::ranges::none_of(kReserved, [&](std::string_view reserved) {
    return include.starts_with(reserved) && !grant.to.starts_with(reserved);
  });
}

bool may_include(std::string_view file, std::string_view include) {
  if (is_standard(include)) return !file.starts_with("core/") || !contains(kImpure, include);
  const std::string_view to = is_posix(include) ? kPosix : include;
  return std::ranges::any_of(kGrants, [&](const Grant& grant) { return grants(grant, file, to); });
}

bool is_of_a_layer(std::string_view file) {
  return std::ranges::any_of(kGrants, [&](const Grant& grant) {
    return file.starts_with(grant.from.substr(0, grant.from.find('/') + 1));
  });
}

}  // namespace

std::vector<std::string> broken_layers(const Tree& tree) {
  std::vector<std::string> broken;
  for (const auto& [file, text] : tree) {
    if (!is_of_a_layer(file)) continue;
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      const std::optional<std::string> include = include_of(line);
      if (!include || may_include(file, *include)) continue;
      broken.push_back(file + ":" + std::to_string(number) + ": may not include " + *include);
    }
  }
  return broken;
}

}  // namespace stockfold
