// The outcome of a command as an HTTP answer. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
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

/// The JSON object of an outcome: of a refusal, the problem.
[[nodiscard]] boost::json::object outcome_object(const AskedCommand& asked, const Answer& answer,
                                                 const Lines& lines);
/// 200: the outcomes of a batch, in order.
[[nodiscard]] HttpAnswer render_batch(boost::json::array outcomes);
/// RenderOutcome for every command. A refusal is a problem.
[[nodiscard]] HttpAnswer render_outcome(const AskedCommand& asked, const Answer& answer, const Lines& lines);

}  // namespace stockfold
