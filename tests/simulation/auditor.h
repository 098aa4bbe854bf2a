// Who watches every acknowledgement, and holds the log and the views to all of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/answer.h"
#include "core/command.h"
#include "core/model.h"
#include "projections/views.h"
#include "protocol/messages.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// A promise is broken.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What it knows it has from the clients alone; what is right it knows from a plain model of the domain.
/// Commands without an id name what they are about and expect no version. Throws Violation.
class Auditor {
 public:
  /// A client is about to send it, for the first time or again.
  void sent(const Command& command);
  /// A client was answered. An id's outcome is the same for ever.
  void answered(const Command& command, const Answer& answer);
  /// A client was shown this.
  void shown(const ProductReply& reply);
  void shown(const OrderReply& reply);
  /// A commit was acknowledged: it, and all before it, is in the log from here on.
  void acknowledged(const Head& head);

  /// The log holds all that was acknowledged and shown, each command once, none that nobody sent, everything
  /// in an order in which the model gives every answer. The views, which are at its head, hold what the model
  /// holds then.
  void check(const EventLog& log, const Views& views) const;

  /// Commands that were answered for good.
  [[nodiscard]] std::uint64_t acknowledgements() const { return answers_.size() + anonymous_answers_.size(); }

 private:
  struct Pass;

  void check_event(const RecordedEvent& event, Pass& pass) const;
  void check_shown(GlobalPosition position, const Pass& pass) const;
  void check_answers(const Pass& pass) const;
  void check_views(const Views& views, const Pass& pass) const;

  std::map<CommandId, Command> sent_;
  std::map<CommandId, Answer> answers_;
  std::map<std::string, std::uint64_t> anonymous_;  ///< Commands without an id, in words: how often sent.
  std::vector<Accepted> anonymous_answers_;
  std::multimap<GlobalPosition, ProductReply> products_;
  std::multimap<GlobalPosition, OrderReply> orders_;
  std::map<GlobalPosition, CommitHash> heads_;
};

}  // namespace stockfold
