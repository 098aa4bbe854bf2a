// What is answered from the views and the log, around the writer.
#pragma once

#include <vector>

#include "core/event.h"
#include "core/fault.h"
#include "projections/past.h"
#include "projections/views.h"
#include "protocol/messages.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Each answers from what is there now: the caller has waited for the position it wants to see. Any thread.
/// They read from disk. Pages are cut so that the reply fits a frame.
/// `at`: a position of the log up to which the views hold all of the one that is shown.
Result<ProductReply> read(const Views& views, const ShowProduct& request, GlobalPosition at);
Result<OrderReply> read(const Views& views, const ShowOrder& request, GlobalPosition at);
Result<OrderHistoryReply> read(const Views& views, const EventLog& log, const ShowOrderHistory& request,
                               GlobalPosition at);
Result<ProductsReply> read(const Views& views, const ListProducts& request);
Result<OrdersReply> read(const Views& views, const ListOrders& request);
Result<MovementsReply> read(const Views& views, const ReadMovements& request);
/// An ErrorReply if there is no such zone, the machine has no zone data, or a day of the page does not begin
/// at a quarter of an hour of UTC. Every day of every zone does since 1980.
Result<Reply> read(const Views& views, const ReadZoneMovements& request);
Result<EventsReply> read(const Views& views, const EventLog& log, const ReadEvents& request);

/// The state as it was. `head`: the end of a commit up to which the views hold all events, and that no
/// position that the request names lies beyond.
Result<Reply> read(const Past& past, const EventLog& log, const At& request, GlobalPosition head);
Result<PositionReply> read(const EventLog& log, const FindPosition& request);
Result<CommitsReply> read(const EventLog& log, const ReadCommits& request);

/// Whether an event is of one of the types; of any, where none is named.
[[nodiscard]] bool is_one_of(const RecordedEvent& event, const std::vector<EventType>& types);

/// The next events of a subscription from `from` on: `next` is where to go on, whether or not there is more.
Result<EventsReply> follow(const EventLog& log, const FollowTypes& request, GlobalPosition from);

}  // namespace stockfold
