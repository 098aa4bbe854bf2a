// stockfold-order-index: fills views with one-line orders, without a log, and measures the order index: its
// part of the disk, the rate of its fold, and how long a page of 100 orders takes.
#include <fmt/format.h>
#include <rocksdb/cache.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "projections/all.h"
#include "projections/following/catch_up.h"
#include "projections/order_finder.h"
#include "projections/views.h"
#include "storage/log/event_log.h"
#include "storage/rocksdb/views.h"

namespace stockfold {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 65'536;
constexpr std::size_t kCommit = 1'024;
constexpr std::size_t kFlushEvery = 500'000;  // events, as in the server
constexpr std::uint64_t kStock = 1'000'000'000;
constexpr std::size_t kOpenOrders = 1'024;  ///< In progress at a time, where orders are closed.
constexpr std::size_t kPageRows = 100;
constexpr std::size_t kPages = 200;  ///< Of each kind of search.

struct IndexBench {
  std::uint64_t orders = 1'000'000;
  std::size_t products = 10'000;
  bool close = false;
  bool text_ids = false;
  std::filesystem::path dir = std::filesystem::temp_directory_path();
};

/// The events of orders that are placed and, if asked, closed: nine of ten fulfilled, one aborted.
class PlacedOrders {
 public:
  explicit PlacedOrders(const IndexBench& options) : options_(options) {
    for (std::size_t i = 0; i < options.products; ++i) {
      skus_.push_back(*Sku::parse("SKU-" + std::to_string(100'000 + i)));
    }
    versions_.resize(options.products, 1);
    stock_.resize(options.products, kStock);
  }

  std::vector<RecordedEvent> register_products() {
    std::vector<RecordedEvent> events;
    for (const Sku& sku : skus_) events.push_back(recorded(ProductRegistered{sku, "", kStock}, 1));
    return events;
  }

  [[nodiscard]] bool ended() const {
    return orders_ == options_.orders && (!options_.close || open_.empty());
  }
  [[nodiscard]] const std::vector<Sku>& skus() const { return skus_; }

  RecordedEvent next() {
    const bool close = options_.close && (open_.size() >= kOpenOrders || orders_ == options_.orders);
    return close ? end() : place();
  }

 private:
  struct Open {
    OrderId order;
    std::size_t product;
  };

  RecordedEvent place() {
    const std::size_t product = random_() % skus_.size();
    const std::string number = std::to_string(++orders_);
    const OrderId order = *OrderId::parse(options_.text_ids ? "shop-2026-" + number : number);
    --stock_[product];
    if (options_.close) open_.push_back({order, product});
    return recorded(OrderPlaced{.order = order, .lines = {line(product)}}, 1);
  }

  RecordedEvent end() {
    const Open open = std::move(open_.front());
    open_.pop_front();
    const bool abort = random_() % 10 == 0;
    if (abort) ++stock_[open.product];
    if (abort) return recorded(OrderAborted{.order = open.order, .lines = {line(open.product)}}, 2);
    return recorded(OrderFulfilled{.order = open.order, .lines = {line(open.product)}}, 2);
  }

  StockedLine line(std::size_t product) {
    StockedLine line;
    line.sku = skus_[product];
    line.quantity = 1;
    line.stock_after = stock_[product];
    line.version = StreamVersion(++versions_[product]);
    return line;
  }

  RecordedEvent recorded(Event event, std::uint64_t version) {
    const UnixMillis time(1'767'225'600'000 + static_cast<std::int64_t>(position_ / 10));
    return {GlobalPosition(++position_), time, StreamVersion(version), {}, "", std::move(event)};
  }

  const IndexBench& options_;
  std::mt19937_64 random_{7};
  std::vector<Sku> skus_;
  std::vector<std::uint64_t> versions_;
  std::vector<std::uint64_t> stock_;
  std::deque<Open> open_;
  std::uint64_t orders_ = 0;
  std::uint64_t position_ = 0;
};

/// Returns the commits that were added last, each once.
class FedLog final : public EventLog {
 public:
  void add(std::vector<RecordedEvent> events) {
    auto commit = std::make_shared<Commit>();
    commit->events = std::move(events);
    waiting_.push_back(std::move(commit));
  }
  [[nodiscard]] Head head() const override { return {}; }
  [[nodiscard]] UnixMillis created() const override { return {}; }
  AppendResult append(GlobalPosition, Commit) override { return Stopped{}; }
  [[nodiscard]] std::unique_ptr<LogCursor> read(GlobalPosition) const override {
    return std::make_unique<Cursor>(waiting_);
  }

 private:
  using Commits = std::deque<std::shared_ptr<const Commit>>;
  class Cursor final : public LogCursor {
   public:
    explicit Cursor(Commits& commits) : commits_(commits) {}
    Result<std::shared_ptr<const Commit>> next() override {
      if (commits_.empty()) return nullptr;
      auto commit = std::move(commits_.front());
      commits_.pop_front();
      return commit;
    }

   private:
    Commits& commits_;
  };

  mutable Commits waiting_;
};

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "stockfold-order-index: {}\n", what);
  std::exit(1);
}

template <class Value>
Value must(Result<Value> result) {
  if (!result) fail(result.error().what);
  if constexpr (!std::is_void_v<Value>) return std::move(*result);
}

std::uintmax_t table_bytes(const std::filesystem::path& dir) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir)) {
    if (file.path().extension() == ".sst") bytes += file.file_size();
  }
  return bytes;
}

/// Waits until no table has changed for three seconds.
std::uintmax_t settled_bytes(const std::filesystem::path& dir) {
  std::uintmax_t bytes = table_bytes(dir);
  for (int quiet = 0; quiet < 3;) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::uintmax_t now = table_bytes(dir);
    quiet = now == bytes ? quiet + 1 : 0;
    bytes = now;
  }
  return bytes;
}

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

struct Filled {
  double fold_seconds = 0;
  std::uint64_t events = 0;
};

Filled fill(const IndexBench& options, RocksDbViews& store, std::span<const Projection* const> projections) {
  Filled filled;
  PlacedOrders orders(options);
  FedLog log;
  auto catch_up = must(CatchUp::start(log, store, projections));
  log.add(orders.register_products());
  must(catch_up.step(kBatch));
  std::uint64_t since_flush = 0;
  while (!orders.ended()) {
    for (std::size_t i = 0; i < kBatch && !orders.ended(); i += kCommit) {
      std::vector<RecordedEvent> events;
      while (events.size() < kCommit && !orders.ended()) events.push_back(orders.next());
      log.add(std::move(events));
    }
    const auto begun = Clock::now();
    const std::size_t folded = must(catch_up.step(kBatch));
    filled.fold_seconds += seconds(Clock::now() - begun);
    filled.events += folded;
    since_flush += folded;
    if (since_flush < kFlushEvery) continue;
    since_flush = 0;
    must(store.begin_flush());
  }
  must(store.flush());
  return filled;
}

std::unique_ptr<RocksDbViews> open(const std::filesystem::path& dir, std::vector<std::string> names) {
  return must(open_rocksdb_views(
      {.dir = dir, .names = std::move(names), .block_cache = rocksdb::NewLRUCache(128U << 20U)}));
}

/// Pages of one kind of search, from places drawn at random.
void measure(const OrderFinder& finder, std::string_view name, std::uint64_t head,
             const std::function<OrderSearch(std::mt19937_64&)>& any_search) {
  std::mt19937_64 random(11);
  std::vector<double> times;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < kPages; ++i) {
    OrderSearch search = any_search(random);
    if (i % 2 == 1) search.last = GlobalPosition(1 + random() % head);
    const auto begun = Clock::now();
    const FoundOrders page = must(finder.find(search, kPageRows));
    times.push_back(1e3 * seconds(Clock::now() - begun));
    rows += page.rows.size();
  }
  std::ranges::sort(times);
  fmt::print("page of {:<28} p50 {:6.2f} ms  p99 {:6.2f} ms  longest {:6.2f} ms  {:5.1f} rows a page\n", name,
             times[kPages / 2], times[kPages * 99 / 100], times.back(),
             static_cast<double>(rows) / static_cast<double>(kPages));
}

void measure_pages(ViewStore& store, const IndexBench& options, std::uint64_t head) {
  const OrderFinder finder(store);
  const std::vector<Sku> skus = PlacedOrders(options).skus();
  const auto any_sku = [&](std::mt19937_64& random) { return skus[random() % skus.size()]; };
  measure(finder, "all orders", head, [](auto&) { return OrderSearch{}; });
  measure(finder, "all, oldest first", head,
          [](auto&) { return OrderSearch{.order = PositionOrder::oldest_first}; });
  for (const auto status : {OrderStatus::in_progress, OrderStatus::aborted, OrderStatus::fulfilled}) {
    measure(finder, name_of(status), head, [&](auto&) { return OrderSearch{.status = status}; });
    measure(finder, fmt::format("a product, {}", name_of(status)), head,
            [&](auto& random) { return OrderSearch{.status = status, .product = any_sku(random)}; });
  }
  measure(finder, "a product", head, [&](auto& random) { return OrderSearch{.product = any_sku(random)}; });
}

void run(const IndexBench& options) {
  const std::filesystem::path dir = options.dir / "stockfold-order-index";
  std::filesystem::remove_all(dir);
  const auto orders = static_cast<double>(options.orders);
  {
    const auto store = open(dir / "alone", {std::string(order_index_projection().name())});
    const std::vector<const Projection*> alone{&order_index_projection()};
    const Filled filled = fill(options, *store, alone);
    fmt::print("order_index alone: {:.0f} events/s, {:.2f} bytes an order\n",
               static_cast<double>(filled.events) / filled.fold_seconds,
               static_cast<double>(settled_bytes(dir / "alone")) / orders);
  }
  std::filesystem::remove_all(dir / "alone");
  const auto store = open(dir / "all", view_names());
  const Filled filled = fill(options, *store, all_projections());
  fmt::print("all views: {:.0f} events/s, {:.2f} bytes an order\n",
             static_cast<double>(filled.events) / filled.fold_seconds,
             static_cast<double>(settled_bytes(dir / "all")) / orders);
  measure_pages(*store, options, filled.events + options.products);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) {
  stockfold::IndexBench options;
  CLI::App app("Measures the order index: disk, rate of its fold, pages of 100 orders.");
  app.add_option("--orders", options.orders, "Orders of one line")->capture_default_str();
  app.add_option("--products", options.products, "Products, drawn uniformly")->capture_default_str();
  app.add_flag("--close", options.close, "Abort every tenth order and fulfill the others, soon after");
  app.add_flag("--text-ids", options.text_ids, "Orders with ids that are no numbers");
  app.add_option("--directory", options.dir, "Where the views are made")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  stockfold::run(options);
  return 0;
}
