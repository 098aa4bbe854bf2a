// The arguments that subcommands share, and how they are parsed. Errors name the argument.
#pragma once

#include <stockfold/client.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/numbers.h"
#include "protocol/messages.h"
#include "protocol/text/arguments.h"

namespace stockfold {

/// A date, or an RFC 3339 time, which stands for its day in UTC.
[[nodiscard]] Parsed<Day> parse_day(std::string_view text);
/// Seconds, possibly with a fraction: more than 0, at most a day.
[[nodiscard]] Parsed<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// Adds the argument `name`, whose text `parse` reads into `target`; usage errors name it.
template <class Target, class Parse>
CLI::Option* add_argument(CLI::App& app, const std::string& name, Target& target, Parse parse,
                          const std::string& description) {
  const auto read = [name, &target, parse = std::move(parse)](const std::string& text) {
    auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error());
    target = *std::move(parsed);
  };
  const bool positional = !name.starts_with('-');
  return app.add_option_function<std::string>(name, read, description)->type_name(positional ? "" : "VALUE");
}

/// A whole number from `min` to `max`.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& target, std::uint64_t min,
                        std::uint64_t max, const std::string& description) {
  const auto parse = [min, max](std::string_view text) { return parse_as<Number>(text, min, max); };
  CLI::Option* option = add_argument(app, name, target, parse, description);
  return name.starts_with('-') ? option->type_name("N") : option;
}

struct CallOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7070;
  std::chrono::milliseconds timeout{30'000};
  bool json = false;
  std::string token_file;  ///< Empty: the token is that of the environment, where there is one.
  bool speaks_tls = false;
  TlsClientOptions tls;  ///< Where it does; it does as well where any of them is set.
  std::string life;      ///< Of the ledger; empty: any.
};
void add_call_options(CLI::App& app, CallOptions& options);

/// How to reach the ledger, and the token: from a file that others cannot read, or from STOCKFOLD_TOKEN. No
/// option holds a token, because the list of processes would show it.
[[nodiscard]] Parsed<ClientOptions> client_options(const CallOptions& call);

struct CommandOptions {
  std::optional<CommandId> id;
  ExpectedVersion expected;
  std::string actor;
};
void add_command_options(CLI::App& app, CommandOptions& options);

void add_freshness(CLI::App& app, Freshness& freshness);
/// Adds --at: the state at that moment. It excludes --stale, so call add_freshness() first.
void add_at(CLI::App& app, std::optional<Moment>& at);
/// Adds --limit: the most rows or events to print.
void add_limit(CLI::App& app, std::uint64_t& limit);

}  // namespace stockfold
