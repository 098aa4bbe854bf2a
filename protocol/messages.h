// The messages between clients and the ledger, and their bytes. docs/PROTOCOL.md has the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/command.h"
#include "core/commit.h"
#include "core/event.h"
#include "core/ids.h"
#include "core/movements.h"
#include "core/numbers.h"
#include "core/signed_head.h"
#include "core/state.h"
#include "protocol/answer.h"
#include "protocol/batch.h"
#include "protocol/scope.h"

namespace stockfold {

/// The versions of the protocol that this program speaks: from the first to the last.
inline constexpr std::uint32_t kFirstProtocolVersion = 1;
inline constexpr std::uint32_t kProtocolVersion = 2;
/// The greatest version in common with a peer that speaks `min` to `max`; empty if there is none.
[[nodiscard]] std::optional<std::uint32_t> common_version(std::uint32_t min, std::uint32_t max);

inline constexpr std::size_t kMaxPageRows = 1'000;
inline constexpr std::size_t kFirstSteps = 2;  ///< Of an order: it is drafted and placed, or placed.
inline constexpr std::size_t kMaxClientNameBytes = 128;
inline constexpr std::size_t kMaxTokenBytes = 256;
inline constexpr std::size_t kMaxZoneBytes = 64;
inline constexpr std::size_t kMaxShownBytes = 1'024;

// ---- requests ---------------------------------------------------------------------------------------------

/// The first message of a connection: the versions of the protocol that the client speaks.
struct ClientHello {
  static constexpr std::uint8_t kNumber = 1;
  std::uint32_t min_version = kFirstProtocolVersion;
  std::uint32_t max_version = kProtocolVersion;
  std::string client;  ///< Its name and version, for the log; at most kMaxClientNameBytes.
  friend bool operator==(const ClientHello&, const ClientHello&) = default;
};

/// A command. Only the id of its identity is sent: the ledger hashes the body itself.
struct CommandRequest {
  static constexpr std::uint8_t kNumber = 2;
  Command command;
  friend bool operator==(const CommandRequest&, const CommandRequest&) = default;
};

/// How fresh a read must be. By default it sees everything acknowledged before it arrived.
struct Freshness {
  std::optional<GlobalPosition> min_position;  ///< Also wait for this position.
  bool stale = false;                          ///< Answer at once from the views as they are.
  friend bool operator==(const Freshness&, const Freshness&) = default;
};

struct ShowProduct {
  static constexpr std::uint8_t kNumber = 3;
  Sku sku;
  Freshness freshness;
  friend bool operator==(const ShowProduct&, const ShowProduct&) = default;
};
struct ShowOrder {
  static constexpr std::uint8_t kNumber = 4;
  OrderId order;
  Freshness freshness;
  friend bool operator==(const ShowOrder&, const ShowOrder&) = default;
};
struct ListProducts {
  static constexpr std::uint8_t kNumber = 5;
  std::optional<Sku> from;
  std::uint32_t limit = kMaxPageRows;  ///< 1 to kMaxPageRows.
  Freshness freshness;
  friend bool operator==(const ListProducts&, const ListProducts&) = default;
};
struct ListOrders {
  static constexpr std::uint8_t kNumber = 6;
  std::optional<OrderId> from;
  std::uint32_t limit = kMaxPageRows;  ///< 1 to kMaxPageRows.
  std::optional<OrderStatus> status;
  std::optional<Sku> product;
  Freshness freshness;
  friend bool operator==(const ListOrders&, const ListOrders&) = default;
};
/// Events in order of position.
struct ReadEvents {
  static constexpr std::uint8_t kNumber = 7;
  GlobalPosition from{1};
  std::optional<GlobalPosition> to;    ///< The last position to return.
  std::optional<StreamId> stream;      ///< Only events in this stream.
  std::uint32_t limit = kMaxPageRows;  ///< 1 to kMaxPageRows.
  Freshness freshness;
  friend bool operator==(const ReadEvents&, const ReadEvents&) = default;
};
/// All events from a position on, then each new one as it is committed. The ledger sends EventsReply without
/// end, under this request's id, and reads nothing more from the connection. The client ends it by closing.
struct FollowEvents {
  static constexpr std::uint8_t kNumber = 8;
  GlobalPosition from{1};
  std::optional<StreamId> stream;
  friend bool operator==(const FollowEvents&, const FollowEvents&) = default;
};
/// Asks where the log ends.
struct ShowHead {
  static constexpr std::uint8_t kNumber = 9;
  friend bool operator==(const ShowHead&, const ShowHead&) = default;
};

/// An order, and when and by whom each of its events was caused.
struct ShowOrderHistory {
  static constexpr std::uint8_t kNumber = 22;
  OrderId order;
  Freshness freshness;
  friend bool operator==(const ShowOrderHistory&, const ShowOrderHistory&) = default;
};

/// A point in the life of the log: a position, or a time. A time stands for the end of the last commit that
/// is not later.
using Moment = std::variant<GlobalPosition, UnixMillis>;
/// A read of a past state. The reply is that of the inner read, as of the position that the moment stands
/// for. Of the read's freshness only the position counts: the past is never stale.
struct At {
  static constexpr std::uint8_t kNumber = 10;
  Moment moment;
  std::variant<ShowProduct, ShowOrder, ListProducts, ListOrders, ShowOrderHistory> read;
  friend bool operator==(const At&, const At&) = default;
};

/// Asks for the position of the last event of the last commit at or before a time.
struct FindPosition {
  static constexpr std::uint8_t kNumber = 11;
  UnixMillis time;
  friend bool operator==(const FindPosition&, const FindPosition&) = default;
};
/// Events in order of position, with the commits that they belong to: everything that the log holds. All that
/// is on disk when the request arrives can be read.
struct ReadCommits {
  static constexpr std::uint8_t kNumber = 12;
  GlobalPosition from{1};
  std::optional<GlobalPosition> to;    ///< The last position to return.
  std::uint32_t limit = kMaxPageRows;  ///< Events: 1 to kMaxPageRows.
  friend bool operator==(const ReadCommits&, const ReadCommits&) = default;
};

/// Rebuilds a view from the log, compares it with the view in use, and replaces that. The ledger sends any
/// number of RebuildingReply, and then one RebuiltReply.
struct Rebuild {
  static constexpr std::uint8_t kNumber = 13;
  std::string view;
  friend bool operator==(const Rebuild&, const Rebuild&) = default;
};

/// Asks where the log ends, signed with the ledger's key.
struct SignHead {
  static constexpr std::uint8_t kNumber = 14;
  friend bool operator==(const SignHead&, const SignHead&) = default;
};

/// The movements of a product, day by day, in order of days.
struct ReadMovements {
  static constexpr std::uint8_t kNumber = 15;
  Sku sku;
  std::optional<Day> from;
  std::optional<Day> to;               ///< The last day to return.
  std::uint32_t limit = kMaxPageRows;  ///< 1 to kMaxPageRows.
  Freshness freshness;
  friend bool operator==(const ReadMovements&, const ReadMovements&) = default;
};

/// Makes a copy of the store as it is now, for a reader on the ledger's machine. The ledger reads nothing
/// more from the connection, and removes the copy when the client closes it.
struct MakeCheckpoint {
  static constexpr std::uint8_t kNumber = 16;
  friend bool operator==(const MakeCheckpoint&, const MakeCheckpoint&) = default;
};

/// FollowEvents, restricted to events of some types.
struct FollowTypes {
  static constexpr std::uint8_t kNumber = 17;
  FollowEvents events;
  std::vector<EventType> types;  ///< At least one. Decoded types ascend, each once.
  friend bool operator==(const FollowTypes&, const FollowTypes&) = default;
};

/// The movements of a product by the days of a time zone, in order of days. Only days on which units moved.
struct ReadZoneMovements {
  static constexpr std::uint8_t kNumber = 21;
  Sku sku;
  std::string zone;  ///< An IANA name such as "Europe/Berlin"; at most kMaxZoneBytes.
  std::optional<Day> from;
  std::optional<Day> to;               ///< The last day to return.
  std::uint32_t limit = kMaxPageRows;  ///< 1 to kMaxPageRows.
  Freshness freshness;
  friend bool operator==(const ReadZoneMovements&, const ReadZoneMovements&) = default;
};

/// Proves who the client is, if the ledger requires tokens. Sent once, before any other request.
struct LogIn {
  static constexpr std::uint8_t kNumber = 18;
  std::string token;  ///< At most kMaxTokenBytes.
  friend bool operator==(const LogIn&, const LogIn&) = default;
};

/// Commands that one commit takes together, each with an id and an outcome of its own.
struct CommandBatch {
  static constexpr std::uint8_t kNumber = 19;
  static constexpr std::uint32_t kSinceVersion = 2;  ///< Of the protocol.
  std::vector<Command> commands;                     ///< 1 to kMaxBatchCommands.
  bool atomic = false;                               ///< All of them are done, or none.
  friend bool operator==(const CommandBatch&, const CommandBatch&) = default;
};

/// Requests have the message numbers 1 to 128.
using Request =
    std::variant<ClientHello, CommandRequest, ShowProduct, ShowOrder, ListProducts, ListOrders, ReadEvents,
                 FollowEvents, ShowHead, At, FindPosition, ReadCommits, Rebuild, SignHead, ReadMovements,
                 MakeCheckpoint, FollowTypes, LogIn, ReadZoneMovements, ShowOrderHistory, CommandBatch>;

struct RequestMessage {
  std::uint64_t id = 0;  ///< Chosen by the client; the reply repeats it.
  Request request;
  friend bool operator==(const RequestMessage&, const RequestMessage&) = default;
};

// ---- replies ----------------------------------------------------------------------------------------------

struct ServerHello {
  static constexpr std::uint8_t kNumber = 129;
  std::uint32_t version = kProtocolVersion;  ///< The version spoken from here on.
  LedgerId ledger;
  Epoch epoch;
  GlobalPosition position;  ///< Of the head.
  std::uint32_t max_frame_bytes = 0;
  std::uint32_t max_in_flight =
      0;  ///< Requests of one connection that the ledger reads before their replies.
  std::string server;
  friend bool operator==(const ServerHello&, const ServerHello&) = default;
};
struct CommandReply {
  static constexpr std::uint8_t kNumber = 130;
  Answer answer;
  friend bool operator==(const CommandReply&, const CommandReply&) = default;
};
struct ProductReply {
  static constexpr std::uint8_t kNumber = 131;
  Sku sku;
  std::optional<Product> product;  ///< Empty if there is none.
  GlobalPosition as_of;
  friend bool operator==(const ProductReply&, const ProductReply&) = default;
};
struct OrderReply {
  static constexpr std::uint8_t kNumber = 132;
  OrderId order;
  std::optional<Order> state;  ///< Empty if there is none.
  GlobalPosition as_of;
  friend bool operator==(const OrderReply&, const OrderReply&) = default;
};
/// A page may be short, even empty, and still have a `next`.
struct ProductsReply {
  static constexpr std::uint8_t kNumber = 133;
  std::vector<std::pair<Sku, Product>> rows;
  std::optional<Sku> next;
  GlobalPosition as_of;
  friend bool operator==(const ProductsReply&, const ProductsReply&) = default;
};
struct OrdersReply {
  static constexpr std::uint8_t kNumber = 134;
  std::vector<std::pair<OrderId, Order>> rows;
  std::optional<OrderId> next;
  GlobalPosition as_of;
  friend bool operator==(const OrdersReply&, const OrdersReply&) = default;
};
struct EventsReply {
  static constexpr std::uint8_t kNumber = 135;
  std::vector<RecordedEvent> events;
  std::optional<GlobalPosition>
      next;  ///< Where to continue; empty if nothing is left up to `to` or the head.
  GlobalPosition head;
  friend bool operator==(const EventsReply&, const EventsReply&) = default;
};
struct HeadReply {
  static constexpr std::uint8_t kNumber = 136;
  LedgerId ledger;
  Epoch epoch;
  GlobalPosition position;
  CommitHash hash;
  UnixMillis time;
  GlobalPosition views;  ///< Every ready view holds all events up to here.
  friend bool operator==(const HeadReply&, const HeadReply&) = default;
};
/// The request was not carried out. If `closing`, the ledger closes the connection after this
/// reply.
struct ErrorReply {
  static constexpr std::uint8_t kNumber = 137;
  ErrorCode code = ErrorCode::invalid_argument;
  std::string detail;
  bool closing = false;
  friend bool operator==(const ErrorReply&, const ErrorReply&) = default;
};

struct PositionReply {
  static constexpr std::uint8_t kNumber = 138;
  GlobalPosition position;  ///< 0 if every commit is later.
  friend bool operator==(const PositionReply&, const PositionReply&) = default;
};
/// The place of a commit, and its epoch; its time is that of its events.
struct CommitExtent {
  GlobalPosition first;
  std::uint32_t events = 0;  ///< At least 1.
  Epoch epoch;
  friend bool operator==(const CommitExtent&, const CommitExtent&) = default;
};
struct CommitsReply {
  static constexpr std::uint8_t kNumber = 139;
  UnixMillis created;  ///< When the ledger was created.
  std::vector<RecordedEvent> events;
  std::vector<CommitExtent> commits;  ///< The commits of the events, complete or not.
  std::optional<GlobalPosition>
      next;  ///< Where to continue; empty if nothing is left up to `to` or the head.
  GlobalPosition head;
  friend bool operator==(const CommitsReply&, const CommitsReply&) = default;
};

/// The progress of a rebuild through the log.
struct RebuildingReply {
  static constexpr std::uint8_t kNumber = 140;
  GlobalPosition at;
  GlobalPosition head;
  friend bool operator==(const RebuildingReply&, const RebuildingReply&) = default;
};
/// A view was rebuilt and replaced. Rows longer than kMaxShownBytes are cut there.
struct RebuiltReply {
  static constexpr std::uint8_t kNumber = 141;
  /// How the view in use compares with the rebuilt one. The numbers are sent and never reused.
  enum class Finding : std::uint8_t { same = 1, differs = 2, nothing_to_compare = 3 };
  /// One key at which the two differ. A row is empty if the view has none.
  struct Difference {
    std::string key;
    std::optional<std::string> live;
    std::optional<std::string> rebuilt;
    friend bool operator==(const Difference&, const Difference&) = default;
  };

  std::string view;
  GlobalPosition position;  ///< Of both views.
  std::uint64_t rows = 0;   ///< Of the rebuilt view, as is the digest.
  ViewDigest digest;
  Finding finding = Finding::same;
  std::optional<ViewDigest> live;        ///< Of the view in use, if it could be read.
  std::optional<Difference> difference;  ///< The first in order of keys, if rows differ.
  std::string reason;                    ///< Why it could not be read or compared.
  friend bool operator==(const RebuiltReply&, const RebuiltReply&) = default;
};

struct SignedHeadReply {
  static constexpr std::uint8_t kNumber = 142;
  SignedHead signed_head;
  friend bool operator==(const SignedHeadReply&, const SignedHeadReply&) = default;
};

/// Days without movements have no row.
struct MovementsReply {
  static constexpr std::uint8_t kNumber = 143;
  Sku sku;
  std::vector<DayMovements> rows;
  std::optional<Day> next;
  GlobalPosition as_of;
  friend bool operator==(const MovementsReply&, const MovementsReply&) = default;
};

struct CheckpointReply {
  static constexpr std::uint8_t kNumber = 144;
  std::string directory;    ///< Absolute, on the ledger's machine.
  GlobalPosition position;  ///< Its log holds at least this position.
  friend bool operator==(const CheckpointReply&, const CheckpointReply&) = default;
};

/// The identity that the ledger gives the client.
struct LoggedIn {
  static constexpr std::uint8_t kNumber = 145;
  std::string name;  ///< The actor of its commands; empty if the ledger requires no tokens.
  Scopes scopes;
  friend bool operator==(const LoggedIn&, const LoggedIn&) = default;
};

/// A page may be short and still have a `next`.
struct ZoneMovementsReply {
  static constexpr std::uint8_t kNumber = 148;
  Sku sku;
  bool is_known = false;  ///< Whether there is such a product.
  std::string zone;
  std::vector<ZoneDayMovements> rows;
  std::optional<Day> next;
  GlobalPosition as_of;
  friend bool operator==(const ZoneMovementsReply&, const ZoneMovementsReply&) = default;
};

/// One event of an order.
struct OrderStep {
  GlobalPosition position;
  EventType type = EventType::order_drafted;
  UnixMillis time;
  std::string actor;  ///< Empty if the event has none.
  friend bool operator==(const OrderStep&, const OrderStep&) = default;
};
struct OrderHistoryReply {
  static constexpr std::uint8_t kNumber = 149;
  OrderId order;
  std::optional<Order> state;  ///< Empty if there is none.
  /// Ascending. All of the order's events, or the first kFirstSteps and the latest of those that follow: at
  /// most kMaxPageRows.
  std::vector<OrderStep> steps;
  GlobalPosition as_of;
  friend bool operator==(const OrderHistoryReply&, const OrderHistoryReply&) = default;
};

/// Answers to the commands of a batch, in their order. A batch whose answers do not fit one frame has several
/// replies.
struct BatchReply {
  static constexpr std::uint8_t kNumber = 146;
  static constexpr std::uint32_t kSinceVersion = 2;
  std::vector<Answer> answers;  ///< At most kMaxBatchCommands.
  bool last = true;             ///< No further reply follows to this request.
  friend bool operator==(const BatchReply&, const BatchReply&) = default;
};

/// Replies have the message numbers 129 to 255.
using Reply = std::variant<ServerHello, CommandReply, ProductReply, OrderReply, ProductsReply, OrdersReply,
                           EventsReply, HeadReply, ErrorReply, PositionReply, CommitsReply, RebuildingReply,
                           RebuiltReply, SignedHeadReply, MovementsReply, CheckpointReply, LoggedIn,
                           ZoneMovementsReply, OrderHistoryReply, BatchReply>;

struct ReplyMessage {
  std::uint64_t id = 0;  ///< Of the request; 0 if the request's id could not be read.
  Reply reply;
  friend bool operator==(const ReplyMessage&, const ReplyMessage&) = default;
};

// ---- bytes ------------------------------------------------------------------------------------------------

/// Why a payload cannot be decoded.
struct ProtocolError {
  std::uint64_t id = 0;  ///< The request's id; 0 if it could not be read.
  std::string what;      ///< Names the field.
};

/// Appends one whole frame. The message must fit kMaxFrameBytes. `version`, here and below, is the version
/// that the connection speaks. Hellos have one form in all versions.
void encode_request(const RequestMessage& message, std::string& out,
                    std::uint32_t version = kProtocolVersion);
void encode_reply(const ReplyMessage& message, std::string& out, std::uint32_t version = kProtocolVersion);
/// The frame of a CommandReply, without making one.
void encode_answer(std::uint64_t id, const Answer& answer, std::string& out,
                   std::uint32_t version = kProtocolVersion);

/// The frames of one BatchReply or more, which hold all of the answers.
void encode_batch_answers(std::uint64_t id, std::span<const Answer> answers, std::string& out,
                          std::uint32_t version = kProtocolVersion);
/// Whether a batch can be sent: only the largest cannot.
[[nodiscard]] bool fits_frame(const CommandBatch& batch, std::uint32_t version = kProtocolVersion);
/// The first version of the protocol that has the request.
[[nodiscard]] std::uint32_t first_version_of(const Request& request);

/// Decodes the payload of one frame. The lines of an order are as they were sent, not yet normalized. A
/// malformed id, a number out of its range, a flag that is neither 0 nor 1, and remaining bytes are errors.
/// Never allocates more than a small multiple of the payload, whatever lengths it announces.
std::expected<RequestMessage, ProtocolError> decode_request(std::string_view payload,
                                                            std::uint32_t version = kProtocolVersion);

/// A command that was read only as far as needed to refuse it.
struct UnreadCommand {
  std::uint64_t id;  ///< Of the request.
  CommandKind kind;
  friend bool operator==(const UnreadCommand&, const UnreadCommand&) = default;
};
/// The beginning of a command's payload, whatever follows; empty if the payload is no command.
[[nodiscard]] std::optional<UnreadCommand> peek_command(std::string_view payload);
/// The request id of a payload that begins like a batch; empty if it does not.
[[nodiscard]] std::optional<std::uint64_t> peek_batch(std::string_view payload);
/// Rules, statuses and other numbers may come from a later ledger; they have no name here.
std::expected<ReplyMessage, ProtocolError> decode_reply(std::string_view payload,
                                                        std::uint32_t version = kProtocolVersion);
/// Whether a payload begins like a reply that only a later ledger knows.
[[nodiscard]] bool is_later_reply(std::string_view payload);

}  // namespace stockfold
