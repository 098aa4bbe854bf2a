// The outcome of a command as an HTTP answer. Pure.
#pragma once

#include <string>

#include "core/command.h"
#include "protocol/answer.h"
#include "server/http/answer.h"
#include "server/http/asks.h"

namespace stockfold {

/// What is kept of a command until it is answered.
struct AskedCommand {
  CommandKind kind = CommandKind::register_product;
  Lines lines;                     ///< Of the order that it makes; empty where it makes none.
  bool below_slash = true;         ///< The path that it was sent to ends in one.
  std::string life;                ///< Of the log.
  RenderOutcome render = nullptr;  ///< Of its route.

  /// Of a command that was admitted: its lines are in their normal form.
  static AskedCommand of(const CommandBody& body);
  /// Whether it makes a product or an order.
  [[nodiscard]] bool creates() const;
};

/// RenderOutcome: of every command. A refusal is a problem.
[[nodiscard]] HttpAnswer render_outcome(const AskedCommand& asked, const Answer& answer, const Lines& lines);

}  // namespace stockfold
