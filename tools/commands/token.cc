// stockfold token create|list|revoke
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/text/arguments.h"
#include "protocol/text/time_text.h"
#include "server/access/token_file.h"
#include "storage/codec/wall_clock.h"
#include "storage/files/durable_directory.h"
#include "tools/commands/commands.h"
#include "tools/console/fault_text.h"
#include "tools/console/options.h"
#include "tools/console/print.h"
#include "tools/transfer/new_file.h"

namespace stockfold {
namespace {

namespace json = boost::json;

struct TokenOptions {
  std::string data;
  std::string file;  ///< Empty: the one of the data directory.
  std::string name;
  Scopes scopes;
  std::optional<UnixMillis> expires;
  std::string which;  ///< To be revoked.
  bool json = false;

  [[nodiscard]] std::filesystem::path path() const {
    return file.empty() ? std::filesystem::path(data) / "tokens.json" : std::filesystem::path(file);
  }
};

ExitCode fail(const std::string& what) {
  complain("stockfold: " + what);
  return kFailed;
}

json::object object_of(const Token& token) {
  json::object object{{"id", token.id},
                      {"name", token.name},
                      {"scopes", text_of(token.scopes)},
                      {"created", rfc3339(token.created)},
                      {"expires", nullptr}};
  if (token.expires) object["expires"] = rfc3339(*token.expires);
  return object;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

/// In a directory of another user, root acts as that user from here on. So links in it reach only what that
/// user may access, and new files belong to that user.
Result<void> become_owner_of(const std::filesystem::path& dir) {
  struct stat found{};
  if (::geteuid() != 0) return {};
  if (::stat(dir.c_str(), &found) != 0) return std::unexpected(io_fault("looking at", dir));
  if (found.st_uid == 0) return {};
  const passwd* user = ::getpwuid(found.st_uid);
  const gid_t group = user != nullptr ? user->pw_gid : found.st_gid;
  if (::setgroups(0, nullptr) == 0 && ::setgid(group) == 0 && ::setuid(found.st_uid) == 0) return {};
  return std::unexpected(io_fault("becoming the owner of", dir));
}

/// The ledger has to read the file, so its owner stays. If root makes a new one next to root's other files,
/// it gets the owner of the store, if a store is named.
Result<void> keep_owner(NewFile& file, const TokenOptions& options) {
  struct stat found{};
  if (::stat(options.path().c_str(), &found) == 0) {
    if (::geteuid() != 0 && found.st_uid != ::geteuid()) {
      return std::unexpected(Fault{
          FaultKind::io, options.path().string() + " belongs to another user: run this as that one", {}});
    }
  } else if (::geteuid() != 0 || options.data.empty() || ::stat(options.data.c_str(), &found) != 0) {
    return {};
  }
  return ::geteuid() == 0 ? file.give_to(found.st_uid, found.st_gid) : Result<void>();
}

/// Calls `change` with the tokens of a file, under a lock. `change` returns an error, or nothing.
template <class Change>
ExitCode change_tokens(const TokenOptions& options, Change change) {
  const std::filesystem::path path = options.path();
  if (auto made = make_directory(directory_of(path)); !made) return tell(made.error());
  if (auto became = become_owner_of(directory_of(path)); !became) return tell(became.error());
  auto file = NewFile::begin(path);
  if (!file) return tell(file.error());
  auto tokens = read_token_file(path);
  if (!tokens) return fail(tokens.error());
  std::vector<Token> changed = std::move(*tokens).value_or(std::vector<Token>());
  if (const std::string wrong = change(changed); !wrong.empty()) return fail(wrong);
  auto done = (*file)->write(encode_tokens(changed));
  if (done) done = keep_owner(**file, options);
  if (done) done = (*file)->finish();
  return done ? kDone : tell(done.error());
}

ExitCode create(const TokenOptions& options) {
  DrawnToken drawn = draw_token(options.name, options.scopes, wall_clock(), options.expires);
  const ExitCode code = change_tokens(options, [&drawn](std::vector<Token>& tokens) {
    tokens.push_back(drawn.token);
    return std::string();
  });
  if (code != kDone) return code;
  if (options.json) {
    json::object object = object_of(drawn.token);
    object["token"] = drawn.text;
    print_line(json::serialize(object));
    return kDone;
  }
  complain(fmt::format("token {} of {} ({}); it is shown this once:", drawn.token.id, drawn.token.name,
                       text_of(drawn.token.scopes)));
  print_line(drawn.text);
  return kDone;
}

ExitCode list(const TokenOptions& options) {
  const auto tokens = read_token_file(options.path());
  if (!tokens) return fail(tokens.error());
  if (!*tokens) {
    complain("there are no tokens: clients need none");
    return kDone;
  }
  Table table({{"ID"}, {"NAME"}, {"CREATED"}, {"EXPIRES"}, {"SCOPES"}});
  for (const Token& token : **tokens) {
    if (options.json) print_line(json::serialize(object_of(token)));
    const bool over = token.expires && *token.expires <= wall_clock();
    const std::string expires =
        token.expires ? rfc3339(*token.expires) + (over ? " (expired)" : "") : "never";
    table.add({token.id, token.name, rfc3339(token.created), expires, text_of(token.scopes)});
  }
  if (!options.json) print(table.take());
  return kDone;
}

ExitCode revoke(const TokenOptions& options) {
  std::string revoked;
  const ExitCode code = change_tokens(options, [&](std::vector<Token>& tokens) -> std::string {
    const auto is_meant = [&](const Token& token) {
      return token.id == options.which || token.name == options.which;
    };
    const auto count = std::ranges::count_if(tokens, is_meant);
    if (count == 0) return fmt::format("there is no token \"{}\"", options.which);
    if (count > 1) return fmt::format("{} has {} tokens: name one by its id", options.which, count);
    revoked = fmt::format("revoked token {} of {}", std::ranges::find_if(tokens, is_meant)->id,
                          std::ranges::find_if(tokens, is_meant)->name);
    std::erase_if(tokens, is_meant);
    return {};
  });
  if (code == kDone) complain(revoked);
  return code;
}

/// A time, or a number of days from now.
Parsed<std::optional<UnixMillis>> parse_expiry(std::string_view text) {
  constexpr std::uint64_t kMostDays = 36'500;
  if (text.ends_with('d')) {
    auto days = parse_number(text.substr(0, text.size() - 1), 1, kMostDays);
    if (!days) return std::unexpected(std::move(days.error()));
    return UnixMillis(wall_clock().value() + static_cast<std::int64_t>(*days) * 86'400'000);
  }
  auto time = parse_time(text);
  if (!time) return std::unexpected(std::move(time.error()));
  if (*time <= wall_clock()) return std::unexpected(std::string("this time is in the past"));
  return *time;
}

void add_place(CLI::App& command, TokenOptions& options) {
  command.add_option("--data", options.data, "directory of the store; the file is tokens.json there")
      ->type_name("DIR")
      ->envname("STOCKFOLD_DATA");
  command.add_option("--tokens", options.file, "another file, as given to serve with --tokens")
      ->type_name("FILE")
      ->envname("STOCKFOLD_TOKENS");
}

}  // namespace

void add_token(CLI::App& app, int& exit_code) {
  CLI::App* token = app.add_subcommand("token", "manage tokens: which callers may do what");
  token->require_subcommand(1);
  auto options = std::make_shared<TokenOptions>();
  const auto add = [&](const char* name, const char* description, ExitCode (*run)(const TokenOptions&)) {
    CLI::App* command = token->add_subcommand(name, description);
    add_place(*command, *options);
    command->callback([options, &exit_code, run] {
      if (options->data.empty() && options->file.empty()) throw CLI::RequiredError("--data or --tokens");
      exit_code = run(*options);
    });
    return command;
  };

  CLI::App* creating =
      add("create", "make a token and print it; once there is one, every client needs one", create);
  const auto parse_name = [](std::string_view text) -> Parsed<std::string> {
    if (!is_token_name(text))
      return std::unexpected(std::string("1 to 128 letters, digits and any of . _ @ -"));
    if (is_token_id(text))
      return std::unexpected(std::string("16 hex digits are a token id and cannot be a name"));
    return std::string(text);
  };
  add_argument(*creating, "NAME", options->name, parse_name,
               "name of the owner, recorded as the actor of its commands")
      ->required();
  add_argument(*creating, "--scope", options->scopes, parse_scopes, "any of read,command,admin")
      ->type_name("SCOPE,…")
      ->required();
  add_argument(*creating, "--expires", options->expires, parse_expiry,
               "a time of RFC 3339, or days such as 90d")
      ->type_name("TIME");
  creating->add_flag("--json", options->json, "one JSON object");

  CLI::App* listing = add("list", "list the tokens, without their secrets", list);
  listing->add_flag("--json", options->json, "one JSON object a line");

  CLI::App* revoking =
      add("revoke", "revoke a token; a running ledger closes its connections within a second", revoke);
  revoking->add_option("TOKEN", options->which, "its id or name")->type_name("")->required();
}

}  // namespace stockfold
