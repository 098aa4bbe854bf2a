// A subcommand that sends one command.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "tools/console/ask.h"
#include "tools/console/options.h"

namespace stockfold {

/// What its arguments are read into.
template <class Body>
struct Sending {
  CallOptions call;
  CommandOptions command;
  Body body;
};

template <class Body>
struct SendingCommand {
  CLI::App* app;
  std::shared_ptr<Sending<Body>> sending;  ///< Lives as long as `app`.
};

/// The arguments of the body itself are left to the caller.
template <class Body>
SendingCommand<Body> add_sending(CLI::App& family, int& exit_code, const std::string& name,
                                 const std::string& description) {
  CLI::App* app = family.add_subcommand(name, description);
  auto sending = std::make_shared<Sending<Body>>();
  add_command_options(*app, sending->command);
  add_call_options(*app, sending->call);
  app->callback([sending, &exit_code] { exit_code = send(sending->call, sending->command, sending->body); });
  return {app, sending};
}

}  // namespace stockfold
