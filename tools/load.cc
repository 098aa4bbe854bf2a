#include "tools/load.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <exception>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <variant>

#include "server/frame.h"
#include "server/protocol.h"

namespace stockfold {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);

constexpr std::uint64_t kHelloId = 0;  // the clients of a connection count from 1
constexpr std::size_t kReadBytes = 65'536;
constexpr auto kTick = std::chrono::milliseconds(500);

/// One client: it places an order, aborts it, and so on.
struct Buyer {
  OrderId order;
  std::size_t product = 0;
  bool placed = false;   ///< `order` is in progress.
  bool waiting = false;  ///< A command of it is in flight.
  Clock::time_point sent;
};

struct Connection {
  explicit Connection(asio::io_context& io) : socket(io) {}
  tcp::socket socket;
  std::vector<Buyer> buyers;
  std::string in;   ///< Of what came, the part that is no whole frame yet.
  std::string out;  ///< What is to be sent.
};

class Load {
 public:
  explicit Load(const LoadPlan& plan) : plan_(plan), random_(std::random_device{}()) {
    result_.taken.resize(plan.products.size());
    for (auto& word : id_salt_) word = random_();
  }

  LoadResult run() {
    boost::system::error_code error;
    tcp::resolver resolver(io_);
    endpoints_ = resolver.resolve(plan_.host, std::to_string(plan_.port), error);
    if (error) {
      fail(1, "cannot resolve " + plan_.host + ": " + error.message());
      return std::move(result_);
    }

    for (std::size_t i = 0; i < plan_.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(io_));
      connections_.back()->buyers.resize(plan_.depth);
      ++active_;
      spawn(drive(*connections_.back()));
    }
    spawn(keep_time());
    io_.run();
    return std::move(result_);
  }

 private:
  void spawn(asio::awaitable<void> work) {
    asio::co_spawn(io_, std::move(work), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }

  asio::awaitable<void> keep_time() {
    start_ = Clock::now();
    measure_from_ = start_ + plan_.warm_up;
    measure_to_ = measure_from_ + plan_.measured;
    while (active_ > 0 && Clock::now() < measure_to_) {
      timer_.expires_at(std::min(Clock::now() + kTick, measure_to_));
      co_await timer_.async_wait(kUseTuple);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(measure_to_ - Clock::now());
      if (plan_.progress) plan_.progress(accepted_, std::max(left, std::chrono::milliseconds(0)));
    }
    stopping_ = true;
    if (active_ == 0) co_return;

    timer_.expires_after(plan_.patience);
    co_await timer_.async_wait(kUseTuple);
    boost::system::error_code ignored;  // what is closed already stays closed
    for (const auto& connection : connections_) connection->socket.close(ignored);
  }

  asio::awaitable<void> drive(Connection& connection) {
    const std::string error = co_await converse(connection);
    std::uint64_t unanswered = 0;
    for (const Buyer& buyer : connection.buyers) unanswered += buyer.waiting ? 1 : 0;
    if (!error.empty()) fail(std::max<std::uint64_t>(unanswered, 1), error);

    boost::system::error_code ignored;  // whatever it says, we are done with it
    connection.socket.close(ignored);
    if (--active_ == 0) timer_.cancel();
  }

  /// Until every buyer is done. What went wrong, or nothing.
  asio::awaitable<std::string> converse(Connection& connection) {
    const auto [connect_error, endpoint] =
        co_await asio::async_connect(connection.socket, endpoints_, kUseTuple);
    if (connect_error) co_return "cannot connect: " + connect_error.message();
    boost::system::error_code error;
    connection.socket.set_option(tcp::no_delay(true), error);
    if (!error) connection.socket.non_blocking(true, error);
    if (error) co_return "cannot set up the socket: " + error.message();
    encode_request({kHelloId, ClientHello{.client = "stockfold-bench"}}, connection.out);

    std::vector<char> buffer(kReadBytes);
    std::size_t busy = connection.buyers.size();
    while (busy > 0) {
      error = co_await flush(connection);
      if (error) co_return "cannot send: " + error.message();
      const auto [read_error, count] =
          co_await connection.socket.async_read_some(asio::buffer(buffer), kUseTuple);
      if (read_error) co_return "the connection ended: " + read_error.message();

      const auto wrong = take_replies(connection, {buffer.data(), count}, busy);
      if (!wrong.empty()) co_return wrong;
    }
    co_return std::string();
  }

  /// Mostly there is room in the socket, and no need to wait.
  asio::awaitable<boost::system::error_code> flush(Connection& connection) {
    boost::system::error_code error;
    const std::size_t sent = connection.socket.write_some(asio::buffer(connection.out), error);
    if (error && error != asio::error::would_block) co_return error;
    if (sent < connection.out.size()) {
      const auto rest = asio::buffer(connection.out) + sent;
      error = std::get<0>(co_await asio::async_write(connection.socket, rest, kUseTuple));
      if (error) co_return error;
    }
    connection.out.clear();
    co_return boost::system::error_code();
  }

  std::string take_replies(Connection& connection, std::string_view bytes, std::size_t& busy) {
    if (!connection.in.empty()) bytes = connection.in.append(bytes);
    const auto now = Clock::now();
    for (;;) {
      const auto payload = take_frame(bytes);
      if (!payload) return "bad frame: " + std::string(name_of(payload.error()));
      if (!*payload) break;
      auto message = decode_reply(**payload);
      if (!message) return "bad reply: " + message.error().what;
      if (!take_reply(connection, *message, now, busy)) return "an unexpected reply";
    }
    connection.in = std::string(bytes);
    return {};
  }

  bool take_reply(Connection& connection, const ReplyMessage& message, Clock::time_point now,
                  std::size_t& busy) {
    if (message.id == kHelloId) {
      if (!std::holds_alternative<ServerHello>(message.reply)) return false;
      for (std::size_t i = 0; i < connection.buyers.size(); ++i) send_next(connection, i, now);
      return true;
    }
    if (message.id > connection.buyers.size()) return false;
    const std::size_t index = message.id - 1;
    Buyer& buyer = connection.buyers[index];
    if (!buyer.waiting) return false;
    buyer.waiting = false;

    take_outcome(buyer, message.reply, now);
    if (buyer.placed || !stopping_) {
      send_next(connection, index, now);
    } else {
      --busy;
    }
    return true;
  }

  void take_outcome(Buyer& buyer, const Reply& reply, Clock::time_point now) {
    const auto* command = std::get_if<CommandReply>(&reply);
    const bool accepted = command != nullptr && std::holds_alternative<Accepted>(command->answer.outcome);
    if (!accepted) {
      fail(1, reason_of(reply));
      buyer.placed = false;  // it goes on with another order; what this one took stays counted
      return;
    }
    buyer.placed = !buyer.placed;
    result_.taken[buyer.product] += buyer.placed ? 1 : -1;
    ++accepted_;
    if (now < measure_from_ || now >= measure_to_) return;
    result_.latency.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now - buyer.sent).count()));
  }

  static std::string reason_of(const Reply& reply) {
    if (const auto* error = std::get_if<ErrorReply>(&reply)) {
      return fmt::format("{}: {}", name_of(error->rule), error->detail);
    }
    if (const auto* command = std::get_if<CommandReply>(&reply)) {
      return message_of(std::get<Refusal>(command->answer.outcome));
    }
    return "a reply of another kind";
  }

  void send_next(Connection& connection, std::size_t index, Clock::time_point now) {
    Buyer& buyer = connection.buyers[index];
    Command command;
    if (buyer.placed) {
      command.body = AbortOrder{buyer.order, {}};
    } else {
      buyer.order = next_order();
      buyer.product = random_() % plan_.products.size();
      command.body = PlaceOrder{buyer.order, {{plan_.products[buyer.product], 1}}};
    }
    if (plan_.command_ids) command.identity = CommandIdentity{next_command_id(), {}};
    encode_request({index + 1, CommandRequest{std::move(command)}}, connection.out);
    buyer.sent = now;
    buyer.waiting = true;
  }

  OrderId next_order() {
    std::array<char, OrderId::kMaxBytes> text;
    const auto end = fmt::format_to_n(text.data(), text.size(), "{}-{}", plan_.run, ++orders_);
    return OrderId::parse({text.data(), end.size}).value();
  }

  CommandId next_command_id() {
    const std::array<std::uint64_t, 2> words{id_salt_[0], id_salt_[1] + ++commands_};
    CommandId id;
    static_assert(sizeof(words) == CommandId::kSize);
    std::memcpy(id.bytes.data(), words.data(), sizeof(words));
    return id;
  }

  void fail(std::uint64_t count, const std::string& why) {
    if (result_.errors == 0) result_.first_error = why;
    result_.errors += count;
  }

  const LoadPlan& plan_;
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
  tcp::resolver::results_type endpoints_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t active_ = 0;
  bool stopping_ = false;
  Clock::time_point start_, measure_from_, measure_to_;

  std::mt19937_64 random_;
  std::array<std::uint64_t, 2> id_salt_{};
  std::uint64_t orders_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t accepted_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadPlan& plan) { return Load(plan).run(); }

}  // namespace stockfold
