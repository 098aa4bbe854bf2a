// The outcome of a command as an HTTP answer. Pure.
#pragma once

#include <string>

#include "core/command.h"
#include "protocol/answer.h"
#include "server/http/answer.h"
#include "server/http/asks.h"

namespace stockfold {

/// What the session keeps of a command until the command is answered.
struct AskedCommand {
  CommandKind kind = CommandKind::register_product;
  Lines lines;                     ///< Of the order that it creates; empty if it creates none.
  bool below_slash = true;         ///< The path of the request ends in a slash.
  std::string life;                ///< Of the log.
  RenderOutcome render = nullptr;  ///< Of its route.

  /// `body` was admitted: its lines are in normal form.
  static AskedCommand of(const CommandBody& body);
  /// Whether it creates a product or an order.
  [[nodiscard]] bool creates() const;
};

/// RenderOutcome for every command. A refusal is a problem.
[[nodiscard]] HttpAnswer render_outcome(const AskedCommand& asked, const Answer& answer, const Lines& lines);

}  // namespace stockfold
