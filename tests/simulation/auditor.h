// Watches every acknowledgement, and checks that the log and the views keep all of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/command.h"
#include "core/model.h"
#include "projections/views.h"
#include "protocol/answer.h"
#include "protocol/messages.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// A broken promise.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// It learns only from the clients, and knows what is right from a simple model of the domain. Commands
/// without an id name what they are about and expect no version. Throws Violation.
class Auditor {
 public:
  /// A client is about to send the command, for the first time or again.
  void sent(const Command& command);
  /// A client was answered. An id's outcome never changes.
  void answered(const Command& command, const Answer& answer);
  /// A client was shown this.
  void shown(const ProductReply& reply);
  void shown(const OrderReply& reply);
  /// A commit was acknowledged: from here on it, and all before it, must be in the log.
  void acknowledged(const Head& head);

  /// Checks the log: it holds all that was acknowledged and shown, each command once, and none that no client
  /// sent, in an order in which the model gives every answer. The views, at its head, hold what the model
  /// then holds.
  void check(const EventLog& log, const Views& views) const;

  /// Number of commands with a final answer.
  [[nodiscard]] std::uint64_t acknowledgements() const { return answers_.size() + anonymous_answers_.size(); }

 private:
  struct Pass;

  void check_event(const RecordedEvent& event, Pass& pass) const;
  void check_shown(GlobalPosition position, const Pass& pass) const;
  void check_answers(const Pass& pass) const;
  void check_views(const Views& views, const Pass& pass) const;

  std::map<CommandId, Command> sent_;
  std::map<CommandId, Answer> answers_;
  std::map<std::string, std::uint64_t> anonymous_;  ///< How often each command without an id was sent.
  std::vector<Accepted> anonymous_answers_;
  std::multimap<GlobalPosition, ProductReply> products_;
  std::multimap<GlobalPosition, OrderReply> orders_;
  std::map<GlobalPosition, CommitHash> heads_;
};

}  // namespace stockfold
