#include "tools/load/load.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/frame.h"
#include "tools/console/open_files.h"
#include "tools/load/actions.h"
#include "tools/load/connection.h"
#include "tools/load/poll.h"

namespace stockfold {
namespace {

constexpr Nanos kMillisecond = 1'000'000;
constexpr Nanos kTick = 500 * kMillisecond;
constexpr Nanos kOverloadPause = 5 * kMillisecond;
/// A generator that wakes up for every command that is due takes the cores from the ledger that it measures.
/// Commands that become due meanwhile wait, and their latency includes that.
constexpr Nanos kSendingPause = kMillisecond / 10;
constexpr std::size_t kReadBytes = 262'144;
constexpr std::uint64_t kLooksAhead = 256;
constexpr std::uint64_t kSpareFiles = 64;

Nanos now_nanos() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}
Nanos nanos(std::chrono::milliseconds time) { return std::chrono::nanoseconds(time).count(); }

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}
struct CpuTime {
  double user_s = 0;
  double system_s = 0;
};
CpuTime cpu_time() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return {};
  return {seconds_of(usage.ru_utime), seconds_of(usage.ru_stime)};
}

/// A command that was answered as overloaded; it is sent again later.
struct Pausing {
  Nanos until = 0;
  std::size_t connection = 0;
  Task task;
};

/// A load while it runs: the connections, what each has in flight, and the figures so far.
class Load {
 public:
  explicit Load(const LoadPlan& plan)
      : plan_(plan), trader_(plan), buffer_(kMaxFrameBytes + kFrameHeaderBytes + kReadBytes) {}

  /// Runs the whole load. Call it once.
  LoadResult run();

 private:
  enum class Phase : std::uint8_t { warm_up, measured, stopping };

  bool open_connections();
  void begin();

  // ---- time: the phases of a load
  [[nodiscard]] bool is_over() const;
  /// The next time to act, even if no answer comes.
  [[nodiscard]] Nanos next_instant() const;
  /// When the next command is due that can be sent then. It skips commands that will have to wait for an
  /// answer.
  [[nodiscard]] Nanos next_sending() const;
  void tend(Nanos now);
  void start_measuring();
  void stop_measuring(Nanos now);
  void stop(Nanos now);
  /// Counts a command that was never sent. How much longer it would have waited is unknown.
  void leave_unsent(Nanos due);
  void give_up();

  // ---- sending
  [[nodiscard]] bool has_room(const LoadConnection& connection) const;
  /// Sends the due commands that the connection has room for.
  void send_on(LoadConnection& connection, std::size_t index, Nanos now);
  void send_next(LoadConnection& connection, Nanos due, Nanos now);
  void send(LoadConnection& connection, Task task, Nanos now);
  void send_due(Nanos now);
  void send_again(Nanos now);
  void flush(std::size_t index);

  // ---- answers
  void serve(std::size_t index, std::uint32_t events);
  /// All answers of one read get the same time.
  std::string take_replies(LoadConnection& connection, std::size_t index, std::string_view bytes);
  static std::string unexpected(std::string_view payload);
  void take_reply(LoadConnection& connection, std::size_t index, const Task& task, const ReplyGlance& glance,
                  std::string_view payload, Nanos now);
  void record(std::size_t index, const Task& task, std::size_t lines, Nanos now);
  ActionFigures& figures(Action action);

  // ---- errors
  /// Ends a connection. With a reason it is an error, and so is each unanswered request.
  void lose(std::size_t index, std::string_view why);
  void fail(std::uint64_t count, std::string_view why);

  const LoadPlan& plan_;
  Trader trader_;
  Poll poll_;
  std::vector<char> buffer_;  ///< For reads, of any connection.
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::size_t active_ = 0;
  std::size_t in_flight_ = 0;
  std::optional<Schedule> schedule_;
  Nanos sent_due_ = 0;  ///< When due commands were last sent.
  std::deque<Pausing> pausing_;
  std::vector<std::size_t> unflushed_;

  Phase phase_ = Phase::warm_up;
  Nanos from_ = 0;
  Nanos to_ = 0;
  Nanos tick_ = 0;
  std::uint64_t done_ = 0;
  CpuTime cpu_;
  LoadResult result_;
};

LoadResult Load::run() {
  if (open_connections()) {
    begin();
    while (!is_over()) {
      const auto events = poll_.wait(next_instant() - now_nanos());
      // first the commands that became due: an answer that is served below makes room for those that wait
      if (schedule_ && phase_ != Phase::stopping) send_due(now_nanos());
      for (const epoll_event& event : events) serve(event.data.u64, event.events);
      tend(now_nanos());
    }
    stop_measuring(now_nanos());
  }
  result_.products = trader_.book().products();
  result_.orders = trader_.book().sample();
  return std::move(result_);
}

bool Load::open_connections() {
  raise_open_files(plan_.connections + kSpareFiles);  // if that fails, connecting reports it
  // wakes up on time; if that cannot be set, the lag shows it
  (void)::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  const auto addresses = resolve(plan_.ledger.host, plan_.ledger.port);
  if (!addresses) {
    fail(1, addresses.error());
    return false;
  }
  std::shared_ptr<const TlsContext> tls;
  if (plan_.ledger.tls) {
    auto context = TlsContext::of_client(*plan_.ledger.tls, kTcpProtocol);
    if (!context) {
      fail(1, context.error());
      return false;
    }
    tls = std::move(*context);
  }
  result_.of_connections.resize(plan_.connections);
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    LoadConnection& connection = *connections_.emplace_back(std::make_unique<LoadConnection>(plan_.depth));
    std::string wrong = connection.open(*addresses, plan_.patience, plan_.ledger.token,
                                        tls ? tls->connect(plan_.ledger.host) : nullptr);
    if (wrong.empty() && !poll_.watch(connection.fd(), i, false, true)) wrong = "cannot watch a socket";
    if (wrong.empty()) continue;
    fail(1, wrong);
    return false;
  }
  active_ = connections_.size();
  return true;
}

void Load::begin() {
  const Nanos now = now_nanos();
  from_ = now + nanos(plan_.warm_up);
  to_ = from_ + nanos(plan_.measured);
  tick_ = now + kTick;
  if (plan_.rate) {
    schedule_.emplace(*plan_.rate, plan_.connections, std::max<std::size_t>(plan_.depth / 2, 1), now);
  }
  for (std::size_t i = 0; i < connections_.size() && !schedule_; ++i) {
    send_on(*connections_[i], i, now);
    flush(i);
  }
  tend(now);
}

// ---- time: the phases of a load ---------------------------------------------------------------------------

bool Load::is_over() const { return active_ == 0 || (phase_ == Phase::stopping && in_flight_ == 0); }

Nanos Load::next_instant() const {
  Nanos next = phase_ == Phase::warm_up    ? from_
               : phase_ == Phase::measured ? to_
                                           : to_ + nanos(plan_.patience);
  if (schedule_ && phase_ != Phase::stopping) next = std::min(next, next_sending());
  if (!pausing_.empty()) next = std::min(next, pausing_.front().until);
  if (plan_.progress) next = std::min(next, tick_);
  return next;
}

Nanos Load::next_sending() const {
  const std::uint64_t next = schedule_->next();
  std::uint64_t ahead = 0;
  while (ahead < kLooksAhead && !has_room(*connections_[schedule_->connection_of(next + ahead)])) ++ahead;
  return std::max(schedule_->due(next + ahead), sent_due_ + kSendingPause);
}

void Load::tend(Nanos now) {
  if (phase_ == Phase::warm_up && now >= from_) start_measuring();
  if (schedule_ && phase_ != Phase::stopping) send_due(now);
  send_again(now);
  if (phase_ == Phase::measured && now >= to_) stop(now);
  if (phase_ == Phase::stopping && now >= to_ + nanos(plan_.patience)) give_up();
  if (plan_.progress && now >= tick_) {
    tick_ = now + kTick;
    plan_.progress(done_, std::chrono::milliseconds(std::max<Nanos>(to_ - now, 0) / kMillisecond));
  }
}

void Load::start_measuring() {
  phase_ = Phase::measured;
  result_.pace = Pace(from_);
  cpu_ = cpu_time();
}

void Load::stop_measuring(Nanos now) {
  if (phase_ != Phase::measured) return;
  phase_ = Phase::stopping;
  const Nanos end = std::min(now, to_);
  result_.measured = end - from_;
  result_.pace.close(end);
  const CpuTime cpu = cpu_time();
  result_.user_cpu_s = cpu.user_s - cpu_.user_s;
  result_.system_cpu_s = cpu.system_s - cpu_.system_s;
}

void Load::stop(Nanos now) {
  stop_measuring(now);
  for (const Pausing& pausing : pausing_) leave_unsent(pausing.task.due);
  pausing_.clear();
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    LoadConnection& connection = *connections_[i];
    connection.pausing = 0;
    for (; connection.taken < connection.due; ++connection.taken) {
      leave_unsent(schedule_->due(i, connection.taken));
    }
    if (!connection.is_open()) continue;
    send_on(connection, i, now);
    flush(i);
  }
}

void Load::leave_unsent(Nanos due) {
  if (due < from_ || due >= to_) return;
  result_.unsent.record(static_cast<std::uint64_t>(to_ - due));
}

void Load::give_up() {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (!connections_[i]->is_open()) continue;
    const bool waits = !connections_[i]->in_flight.empty();
    lose(i, waits ? "no answer in time" : std::string_view());
  }
}

// ---- sending ----------------------------------------------------------------------------------------------

bool Load::has_room(const LoadConnection& connection) const {
  return connection.in_flight.size() + connection.pausing < plan_.depth;
}

void Load::send_on(LoadConnection& connection, std::size_t index, Nanos now) {
  if (phase_ == Phase::stopping) {
    // clients without a mix leave no order behind
    while (has_room(connection) && !connection.own.empty()) send_next(connection, now, now);
  } else if (schedule_) {
    while (has_room(connection) && connection.taken < connection.due) {
      send_next(connection, schedule_->due(index, connection.taken++), now);
    }
  } else {
    while (has_room(connection)) send_next(connection, now, now);
  }
}

void Load::send_next(LoadConnection& connection, Nanos due, Nanos now) {
  Task task = trader_.next(connection.own);
  task.due = due;
  send(connection, task, now);
}

void Load::send(LoadConnection& connection, Task task, Nanos now) {
  task.sent = now;
  trader_.write(task, ++connection.requests, connection.out);
  connection.in_flight.push(task);
  ++in_flight_;
}

void Load::send_due(Nanos now) {
  sent_due_ = now;
  for (; schedule_->next_due() <= now && schedule_->next_due() < to_; schedule_->advance()) {
    const std::size_t index = schedule_->connection_of(schedule_->next());
    LoadConnection& connection = *connections_[index];
    ++connection.due;
    if (!connection.is_open() || !has_room(connection)) continue;
    if (schedule_->next_due() >= from_) {
      result_.lag.record(static_cast<std::uint64_t>(now - schedule_->next_due()));
    }
    if (connection.out.empty()) unflushed_.push_back(index);
    send_on(connection, index, now);
  }
  for (const std::size_t index : unflushed_) flush(index);
  unflushed_.clear();
}

void Load::send_again(Nanos now) {
  while (!pausing_.empty() && pausing_.front().until <= now) {
    const Pausing pausing = pausing_.front();
    pausing_.pop_front();
    LoadConnection& connection = *connections_[pausing.connection];
    if (!connection.is_open()) continue;
    --connection.pausing;
    send(connection, pausing.task, now);
    flush(pausing.connection);
  }
}

void Load::flush(std::size_t index) {
  LoadConnection& connection = *connections_[index];
  std::string wrong = connection.flush();
  const bool for_room = connection.wants_to_write();
  if (wrong.empty() && for_room != connection.polled_for_room) {
    connection.polled_for_room = for_room;
    if (!poll_.watch(connection.fd(), index, for_room, false)) wrong = "cannot watch a socket";
  }
  if (!wrong.empty()) lose(index, wrong);
}

// ---- answers ----------------------------------------------------------------------------------------------

void Load::serve(std::size_t index, std::uint32_t events) {
  LoadConnection& connection = *connections_[index];
  if (!connection.is_open()) return;
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
    const auto bytes = connection.read(buffer_);
    const std::string wrong = bytes ? take_replies(connection, index, *bytes) : bytes.error();
    if (!wrong.empty()) return lose(index, wrong);
  }
  flush(index);
}

std::string Load::take_replies(LoadConnection& connection, std::size_t index, std::string_view bytes) {
  if (bytes.empty()) return {};
  const Nanos now = now_nanos();
  for (;;) {
    const auto payload = take_frame(bytes);
    if (!payload) return "bad frame: " + std::string(name_of(payload.error()));
    if (!*payload) break;
    const auto glance = glance_at(**payload);
    if (!glance) return "bad reply: it is cut short";
    if (connection.in_flight.empty() || glance->id != connection.answers + 1) return unexpected(**payload);
    ++connection.answers;
    --in_flight_;
    take_reply(connection, index, connection.in_flight.pop(), *glance, **payload, now);
  }
  connection.keep(bytes);
  send_on(connection, index, now);
  return {};
}

std::string Load::unexpected(std::string_view payload) {
  const auto message = decode_reply(payload, LoadConnection::kVersion);
  const auto* error = message ? std::get_if<ErrorReply>(&message->reply) : nullptr;
  return error != nullptr ? error->detail : "a reply that matches no request, or out of order";
}

void Load::take_reply(LoadConnection& connection, std::size_t index, const Task& task,
                      const ReplyGlance& glance, std::string_view payload, Nanos now) {
  const Judgement judgement = trader_.judge(task, glance, payload, connection.own);
  switch (judgement.verdict) {
    case Verdict::done:
      return record(index, task, judgement.lines, now);
    case Verdict::overloaded:
      ++result_.overloaded;
      if (phase_ == Phase::stopping) return;
      ++connection.pausing;
      pausing_.push_back({now + kOverloadPause, index, task});
      return;
    case Verdict::unknown:
      ++result_.unknown;
      [[fallthrough]];
    case Verdict::refused:
      return fail(1, trader_.reason());
  }
}

void Load::record(std::size_t index, const Task& task, std::size_t lines, Nanos now) {
  ++done_;
  ActionFigures& of_action = figures(task.action);
  if (now >= from_ && now < to_ && phase_ == Phase::measured) {
    ++of_action.ops;
    ++result_.of_connections[index];
    result_.lines += lines;
    result_.pace.record(now);
    of_action.service.record(static_cast<std::uint64_t>(now - task.sent));
  }
  if (task.due < from_ || task.due >= to_) return;
  of_action.latency.record(static_cast<std::uint64_t>(now - task.due));
}

ActionFigures& Load::figures(Action action) { return result_.actions[static_cast<std::size_t>(action)]; }

// ---- errors -----------------------------------------------------------------------------------------------

void Load::lose(std::size_t index, std::string_view why) {
  LoadConnection& connection = *connections_[index];
  if (!why.empty()) fail(std::max<std::size_t>(connection.in_flight.size(), 1), why);
  in_flight_ -= connection.in_flight.size();
  while (!connection.in_flight.empty()) {
    if (connection.in_flight.pop().action != Action::show) ++result_.unknown;
  }
  connection.close();
  --active_;
}

void Load::fail(std::uint64_t count, std::string_view why) {
  if (result_.errors == 0) result_.first_error = why;
  result_.errors += count;
}

}  // namespace

std::uint64_t LoadResult::ops() const {
  std::uint64_t ops = 0;
  for (const ActionFigures& of_action : actions) ops += of_action.ops;
  return ops;
}

LoadResult run_load(const LoadPlan& plan) { return std::make_unique<Load>(plan)->run(); }

}  // namespace stockfold
