// How fast the views follow the log: a one-line order is placed and aborted, over and over. Commits are
// already decoded.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "storage/log/event_log.h"
#include "storage/rocksdb/views.h"

namespace stockfold {
namespace {

constexpr std::size_t kBatch = 65'536;
constexpr std::size_t kClients = 1'024;       // connections times depth
constexpr std::size_t kFlushEvery = 500'000;  // as in the server
constexpr std::uint64_t kStock = 1'000'000'000;

/// Events of clients that take turns: each places an order in one turn and aborts it in the next.
class Load {
 public:
  Load(std::size_t products, bool ids) : ids_(ids), random_(7) {
    for (std::size_t i = 0; i < products; ++i) {
      skus_.push_back(*Sku::parse("SKU-" + std::to_string(100'000 + i)));
    }
    stock_.resize(products, kStock);
    versions_.resize(products, 1);
    placed_.resize(kClients);
  }

  std::vector<RecordedEvent> register_products() {
    std::vector<RecordedEvent> events;
    for (const Sku& sku : skus_) events.push_back(recorded(ProductRegistered{sku, "", kStock}, 1));
    return events;
  }

  RecordedEvent next() {
    const std::size_t client = turn_++ % kClients;
    Placed& placed = placed_[client];
    if (!placed.open) {
      placed = {*OrderId::parse("bench-1a2b3c4d-" + std::to_string(++orders_)), random_() % skus_.size(),
                true};
      --stock_[placed.product];
      return recorded(OrderPlaced{placed.order, {line(placed.product)}}, 1);
    }
    placed.open = false;
    ++stock_[placed.product];
    return recorded(OrderAborted{placed.order, false, {line(placed.product)}, ""}, 2);
  }

 private:
  struct Placed {
    OrderId order;
    std::size_t product = 0;
    bool open = false;
  };

  StockedLine line(std::size_t product) {
    return {skus_[product], 1, stock_[product], StreamVersion(++versions_[product])};
  }

  RecordedEvent recorded(Event event, std::uint64_t version) {
    RecordedEvent recorded{
        GlobalPosition(++position_), UnixMillis(1), StreamVersion(version), {}, "", std::move(event)};
    if (!ids_) return recorded;
    recorded.identity.emplace();
    for (auto& byte : recorded.identity->id.bytes) byte = static_cast<std::uint8_t>(random_());
    for (auto& byte : recorded.identity->body.bytes) byte = static_cast<std::uint8_t>(random_());
    return recorded;
  }

  const bool ids_;
  std::mt19937_64 random_;
  std::vector<Sku> skus_;
  std::vector<std::uint64_t> stock_;
  std::vector<std::uint64_t> versions_;
  std::vector<Placed> placed_;
  std::size_t turn_ = 0;
  std::uint64_t orders_ = 100'000;
  std::uint64_t position_ = 0;
};

/// Returns the commits that were made last.
class DecodedLog final : public EventLog {
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
  using Commits = std::vector<std::shared_ptr<const Commit>>;
  class Cursor final : public LogCursor {
   public:
    explicit Cursor(Commits& commits) : commits_(commits) {}
    Result<std::shared_ptr<const Commit>> next() override {
      if (next_ == commits_.size()) {
        next_ = 0;
        commits_.clear();
        return nullptr;
      }
      return std::move(commits_[next_++]);
    }

   private:
    Commits& commits_;
    std::size_t next_ = 0;
  };

  mutable Commits waiting_;
};

std::uintmax_t bytes_below(const std::filesystem::path& dir) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(dir)) {
    if (file.is_regular_file() && file.path().extension() == ".sst") bytes += file.file_size();
  }
  return bytes;
}

/// A directory of its own, below STOCKFOLD_BENCH_DIRECTORY if that is set.
class TemporaryViews {
 public:
  TemporaryViews() {
    const char* base = std::getenv("STOCKFOLD_BENCH_DIRECTORY");
    std::string pattern =
        (base != nullptr ? std::filesystem::path(base) : std::filesystem::temp_directory_path()) /
        "stockfold-views-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryViews() { std::filesystem::remove_all(path_); }
  TemporaryViews(const TemporaryViews&) = delete;
  TemporaryViews& operator=(const TemporaryViews&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Arguments: products, whether commands have ids, events a batch.
void follow(benchmark::State& state) {
  const TemporaryViews dir;
  std::size_t events = 0;
  std::chrono::steady_clock::duration longest{};
  {
    auto store =
        open_rocksdb_views(
            {.dir = dir.path(), .names = view_names(), .block_cache = rocksdb::NewLRUCache(128U << 20U)})
            .value();
    DecodedLog log;
    auto catch_up = CatchUp::start(log, *store, all_projections()).value();
    Load load(static_cast<std::size_t>(state.range(0)), state.range(1) != 0);
    const auto batch = static_cast<std::size_t>(state.range(2));
    const std::size_t commit = std::min<std::size_t>(batch, 4'096);
    log.add(load.register_products());
    catch_up.step(kBatch).value();
    std::size_t since_flush = 0;
    for (auto _ : state) {
      state.PauseTiming();
      catch_up.step(1).value();  // so that the cursor reaches the end
      for (std::size_t i = 0; i < batch; i += commit) {
        std::vector<RecordedEvent> of_commit;
        of_commit.reserve(commit);
        for (std::size_t j = 0; j < commit; ++j) of_commit.push_back(load.next());
        log.add(std::move(of_commit));
      }
      state.ResumeTiming();
      const auto begun = std::chrono::steady_clock::now();
      const auto folded = catch_up.step(batch);
      longest = std::max(longest, std::chrono::steady_clock::now() - begun);
      if (!folded) {
        state.SkipWithError(folded.error().what.c_str());
        break;
      }
      events += *folded;
      since_flush += *folded;
      if (since_flush >= kFlushEvery) {
        since_flush = 0;
        if (!store->begin_flush()) state.SkipWithError("flushing");
      }
    }
    if (!store->flush()) state.SkipWithError("flushing");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  state.counters["longest_ms"] = std::chrono::duration<double, std::milli>(longest).count();
  state.counters["B/order"] =
      2.0 * static_cast<double>(bytes_below(dir.path())) / static_cast<double>(events);
}

BENCHMARK(follow)
    ->ArgNames({"products", "ids", "batch"})
    ->ArgsProduct({{1, 10'000}, {0, 1}, {65'536, 4'096}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// Does what the ledger does for a commit whose command ids are all new, against views with some millions of
/// receipts.
void look_up_new_ids(benchmark::State& state) {
  const TemporaryViews dir;
  auto store =
      open_rocksdb_views(
          {.dir = dir.path(), .names = view_names(), .block_cache = rocksdb::NewLRUCache(128U << 20U)})
          .value();
  DecodedLog log;
  auto catch_up = CatchUp::start(log, *store, all_projections()).value();
  Load load(10'000, true);
  log.add(load.register_products());
  for (int i = 0; i < 60; ++i) {
    catch_up.step(kBatch).value();
    catch_up.step(1).value();
    std::vector<RecordedEvent> of_commit;
    for (std::size_t j = 0; j < kBatch; ++j) of_commit.push_back(load.next());
    log.add(std::move(of_commit));
    if (i % 8 == 7 && !store->begin_flush()) state.SkipWithError("flushing");
  }
  const Views views(*store);
  std::mt19937_64 random(11);
  std::vector<CommandId> ids(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (CommandId& id : ids) {
      for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    }
    benchmark::DoNotOptimize(views.receipts(ids).value());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

BENCHMARK(look_up_new_ids)->Arg(64)->Arg(1'024);

}  // namespace
}  // namespace stockfold
