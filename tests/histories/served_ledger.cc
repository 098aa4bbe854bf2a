#include "histories/served_ledger.h"

#include <stockfold/client.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "end_to_end/program.h"
#include "histories/shoppers.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;

/// Longer than any commit takes, and short enough for a test to wait for.
constexpr milliseconds kPatience{400};

Instant now() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

/// What the clients and the thread that kills the server share. Any thread.
class Scene {
 public:
  explicit Scene(std::size_t operations) : left_(operations) {}

  /// Whether one more operation may begin.
  bool begin_one() {
    std::size_t left = left_.load();
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  }
  void ended(bool is_told) {
    const std::lock_guard lock(mutex_);
    ++(is_told ? told_ : unknown_);
    changed_.notify_all();
  }
  void client_gone() {
    const std::lock_guard lock(mutex_);
    ++gone_;
    changed_.notify_all();
  }

  /// A client could not connect.
  void turned_away() {
    const std::lock_guard lock(mutex_);
    ++let_down_;
    changed_.notify_all();
  }

  /// Waits until the server listens on a port; 0 if it never will again.
  std::uint16_t wait_for_port() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return port_ != 0 || is_over_; });
    return port_;
  }
  /// 0: it does not listen for now.
  void set_port(std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    port_ = port;
    changed_.notify_all();
  }
  /// The server ended, but the test did not kill it.
  void server_died() {
    {
      const std::lock_guard lock(mutex_);
      has_died_ = true;
    }
    end();
  }
  [[nodiscard]] bool has_died() {
    const std::lock_guard lock(mutex_);
    return has_died_;
  }
  /// No server will be started any more.
  void end() {
    left_ = 0;
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    port_ = 0;
    changed_.notify_all();
  }

  /// Waits until this many operations have ended, or this many clients have finished.
  void wait_for_ended(std::size_t count, std::uint32_t clients) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return told_ + unknown_ >= count || gone_ == clients; });
  }
  /// Waits until clients lost their connection this many times more, or this many clients have finished.
  void wait_for_let_down(std::size_t times, std::uint32_t clients) {
    std::unique_lock lock(mutex_);
    const std::size_t before = unknown_ + let_down_;
    changed_.wait(lock, [&] { return unknown_ + let_down_ - before >= times || gone_ == clients; });
  }
  [[nodiscard]] std::size_t unknown() {
    const std::lock_guard lock(mutex_);
    return unknown_;
  }

 private:
  std::atomic<std::size_t> left_;
  std::mutex mutex_;  ///< Guards all members below.
  std::condition_variable changed_;
  std::size_t told_ = 0;
  std::size_t unknown_ = 0;
  std::size_t let_down_ = 0;
  std::uint32_t gone_ = 0;
  std::uint16_t port_ = 0;
  bool is_over_ = false;
  bool has_died_ = false;
};

/// One client: it sends requests, records them, and connects again when its connection is lost.
class Caller {
 public:
  Caller(Scene& scene, Shop& shop, std::uint32_t number, std::uint64_t seed, std::uint32_t in_flight)
      : scene_(scene), shopper_(shop, number, seed), number_(number), in_flight_(in_flight) {}

  /// Runs until no operation is left.
  History run() {
    for (std::uint32_t refused = 0; more_ && refused < kMostRefused;) {
      const std::uint16_t port = scene_.wait_for_port();
      if (port == 0) break;
      auto client = Client::connect({.port = port,
                                     .connect_timeout = kPatience,
                                     .request_timeout = kPatience,
                                     .reconnects = 0});  // every attempt is an operation of its own
      if (client) {
        refused = 0;
        converse(**client);
      } else {
        scene_.turned_away();
        if (++refused == kMostRefused) scene_.server_died();
      }
    }
    scene_.client_gone();
    return std::move(history_);
  }

 private:
  struct Sent {
    std::size_t operation;
    std::future<ClientResult<Answer>> answer;
  };

  void converse(Client& client) {
    ++connections_;
    std::deque<Sent> under_way;
    for (bool good = true; good || !under_way.empty();) {
      while (good && under_way.size() < in_flight_ && (more_ = scene_.begin_one())) {
        good = begin(client, under_way);
      }
      good = good && more_;
      if (!under_way.empty()) {
        good = end(under_way) && good;
      }
    }
  }

  /// Returns false if a read got no answer.
  bool begin(Client& client, std::deque<Sent>& under_way) {
    Operation operation{.connection = number_ * kConnections + connections_, .asked = {}, .told = {}};
    if (to_retry_.empty()) {
      operation.asked = shopper_.next();
    } else {
      operation.asked = std::move(to_retry_.front());
      to_retry_.pop_front();
    }
    const std::size_t number = history_.size();
    operation.called = now();
    history_.push_back(std::move(operation));
    const Asked& asked = history_.back().asked;
    if (const auto* command = std::get_if<Command>(&asked)) {
      under_way.push_back({number, client.submit(*command)});
      return true;
    }
    const auto* product = std::get_if<ShowProduct>(&asked);
    return product != nullptr ? note(number, client.product(product->sku))
                              : note(number, client.order(std::get<ShowOrder>(asked).order));
  }

  bool end(std::deque<Sent>& under_way) {
    Sent sent = std::move(under_way.front());
    under_way.pop_front();
    const bool is_told = note(sent.operation, sent.answer.get());
    if (!is_told && !shopper_.once_in(8)) {
      to_retry_.push_back(std::get<Command>(history_[sent.operation].asked));
    }
    return is_told;
  }

  template <class Outcome>
  bool note(std::size_t number, Outcome result) {
    Operation& operation = history_[number];
    if (result) receive(operation, std::move(*result), now());
    if (is_told(operation)) shopper_.learn(operation.told);
    scene_.ended(is_told(operation));
    return is_told(operation);
  }

  /// In a row: a killed server is replaced before any client tries this often.
  static constexpr std::uint32_t kMostRefused = 500;
  static constexpr std::uint32_t kConnections = 1'000;  ///< More than any client makes.

  Scene& scene_;
  Shopper shopper_;
  std::uint32_t number_;
  std::uint32_t in_flight_;
  std::uint32_t connections_ = 0;
  bool more_ = true;
  std::deque<Command> to_retry_;
  History history_;
};

LoggedCommands read_log(std::uint16_t port) {
  const auto client = Client::connect({.port = port});
  if (!client) throw std::runtime_error("the log cannot be read: " + client.error().what);
  LoggedCommands log;
  for (std::optional<GlobalPosition> from = GlobalPosition(1); from;) {
    const auto page = (*client)->events({.from = *from});
    if (!page) throw std::runtime_error("the log cannot be read: " + page.error().what);
    for (const RecordedEvent& event : page->events) {
      if (!add(log, event)) throw std::runtime_error("a command id has two events");
    }
    from = page->next;
  }
  return log;
}

/// Loses more than was under way, and removes the views that have seen it.
void forget_the_end(const std::filesystem::path& data) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(data / "log")) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
  }
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
  std::filesystem::remove_all(data / "views");
}

/// Kills and pauses in random order, spread evenly over the operations.
void disturb(const ServedOptions& options, const std::filesystem::path& data, Scene& scene,
             std::unique_ptr<ServedLedger>& server) {
  Random random(options.seed);
  std::uint32_t kills = options.kills;
  const std::uint32_t all = options.kills + options.pauses;
  for (std::uint32_t i = 0; i < all; ++i) {
    scene.wait_for_ended(options.operations * (i + 1) / (all + 1), options.clients);
    if (random.below(all - i) < kills) {
      --kills;
      scene.set_port(0);
      server->kill();
      if (options.forgets) forget_the_end(data);
      server = std::make_unique<ServedLedger>(data);
      scene.set_port(server->port());
    } else {
      server->pause();
      scene.wait_for_let_down(options.clients / 2, options.clients);
      server->resume();
    }
  }
}

}  // namespace

ServedRun run_served(const ServedOptions& options) {
  const auto data = options.scratch / "data";
  auto server = std::make_unique<ServedLedger>(data);
  Scene scene(options.operations);
  scene.set_port(server->port());
  Shop shop(options.shelves);
  std::vector<std::future<History>> callers;
  for (std::uint32_t i = 0; i < options.clients; ++i) {
    const std::uint32_t in_flight = i % 2 == 1 ? 1 : options.in_flight;
    callers.push_back(std::async(std::launch::async, [&, i, in_flight] {
      return Caller(scene, shop, i, options.seed, in_flight).run();
    }));
  }

  try {
    disturb(options, data, scene, server);
  } catch (...) {
    scene.end();  // no client may wait for a server that never comes
    throw;
  }

  ServedRun run;
  for (auto& caller : callers) {
    History history = caller.get();
    std::ranges::move(history, std::back_inserter(run.history));
  }
  if (scene.has_died()) throw std::runtime_error("the ledger ended by itself");
  run.unknown = scene.unknown();
  run.log = read_log(server->port());
  server->terminate();
  return run;
}

}  // namespace stockfold
