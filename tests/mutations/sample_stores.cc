#include "mutations/sample_stores.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "projections/following/catch_up.h"
#include "projections/views.h"
#include "server/ledger/admit.h"
#include "server/ledger/ledger.h"
#include "storage/engine/store.h"
#include "storage/files/head_key.h"
#include "storage/rocksdb/engine.h"
#include "storage/views/view_digest.h"
#include "support/ids.h"
#include "tools/load/random.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

StoreOptions options_of(bool create) {
  StoreOptions options;
  options.views = view_names();
  options.create = create;
  options.log_buffer_bytes = 256U << 10;  // so that a log of some megabytes is in several tables
  options.view_buffer_bytes = 1U << 20;
  options.block_cache_bytes = 8U << 20;
  options.recent_commits_bytes = 0;
  return options;
}

Result<void> bring_to_head(Store& store) {
  auto following = CatchUp::start(store.log(), store.views(), all_projections());
  if (!following) return std::unexpected(std::move(following.error()));
  for (;;) {
    const auto folded = following->step(65'536);
    if (!folded) return std::unexpected(folded.error());
    if (*folded == 0) return store.views().flush();
  }
}

OrderId order(std::size_t number) { return *OrderId::parse("o-" + std::to_string(number)); }

/// How many products and orders a shop has, and how many commands it sends at once.
struct Size {
  std::uint32_t products;
  std::uint32_t orders;
  std::uint32_t commands;
};

/// An open store, and the ledger that decides for it.
class Shop {
 public:
  static Result<std::unique_ptr<Shop>> open(const fs::path& dir, const Size& size, Random& random) {
    auto store = rocksdb_engine().open(dir, options_of(true));
    if (!store) return std::unexpected(std::move(store.error()));
    auto key = HeadKey::open_or_make(dir);
    if (!key) return std::unexpected(std::move(key.error()));
    auto shop = std::unique_ptr<Shop>(new Shop(std::move(*store), size, random));
    if (auto followed = shop->follow(); !followed) return std::unexpected(std::move(followed.error()));
    auto ledger = Ledger::open(shop->store_->log(), shop->views_, {});
    if (!ledger) return std::unexpected(std::move(ledger.error()));
    shop->ledger_ = std::move(*ledger);
    return shop;
  }

  /// Brings the views to the head, durably.
  Result<void> follow() {
    auto followed = bring_to_head(*store_);
    if (followed && ledger_) ledger_->views_reached(store_->log().head().position);
    return followed;
  }

  [[nodiscard]] std::size_t events() const { return store_->log().head().position.value(); }

  /// Registers every product, and has one command of every kind accepted, and one refused.
  Result<void> stock_up() {
    std::vector<Command> commands;
    for (std::uint32_t i = 0; i < size_.products; ++i) {
      commands.push_back(
          named({.body = RegisterProduct{nth_product(i), "Größe " + std::to_string(i), 100'000}}));
    }
    if (auto done = execute(std::move(commands)); !done) return done;
    const Lines lines{{nth_product(0), 2}, {nth_product(1), 3}};
    if (auto done = execute({named({.body = DraftOrder{order(1'000'000), lines}}),
                             named({.body = DraftOrder{order(1'000'001), lines}}),
                             named({.body = PlaceOrder{order(1'000'002), lines}}),
                             {.body = ReceiveStock{nth_product(0), 7, "delivery"}, .actor = "anna"},
                             named({.body = WriteOffStock{nth_product(1), 1, "broken"}})});
        !done)
      return done;
    if (auto done = execute({named({.body = AbortOrder{order(1'000'000), "not wanted"}}),
                             named({.body = PlaceOrder{order(1'000'001), {}}}),
                             named({.body = FulfilOrder{order(1'000'002), "sent"}})});
        !done)
      return done;
    return execute({named({.body = AbortOrder{order(1'000'001), "late"}}),
                    named({.body = AbortOrder{order(1'000'001), "again"}}),
                    named({.body = PlaceOrder{order(1'000'003), {{nth_product(0), 1'000'000}}}}),
                    {.body = RetireProduct{nth_product(size_.products - 1)}}});
  }

  /// One commit of random commands.
  Result<void> trade() {
    std::vector<Command> commands;
    for (std::uint32_t left = 1 + random_.below(size_.commands); left > 0; --left)
      commands.push_back(any_command());
    return execute(std::move(commands));
  }

 private:
  Shop(std::unique_ptr<Store> store, const Size& size, Random& random)
      : store_(std::move(store)), views_(store_->views()), size_(size), random_(random) {}

  Command named(Command command) {
    command.identity.emplace();
    for (std::uint8_t& byte : command.identity->id.bytes)
      byte = static_cast<std::uint8_t>(random_.below(256));
    return command;
  }

  Lines any_lines() {
    Lines lines;
    const std::uint32_t most = random_.below(8) == 0 ? 12 : 2;
    for (std::uint32_t left = 1 + random_.below(most); left > 0; --left) {
      lines.push_back({nth_product(random_.below(size_.products)), 1 + random_.below(3)});
    }
    return lines;
  }

  Command any_command() {
    Command command;
    const OrderId id = order(random_.below(size_.orders));
    const Sku product = nth_product(random_.below(size_.products));
    switch (random_.below(8)) {
      case 0:
        command.body = ReceiveStock{product, 1 + random_.below(9), "delivery"};
        break;
      case 1:
        command.body = WriteOffStock{product, 1, "broken"};
        break;
      case 2:
        command.body = DraftOrder{id, any_lines()};
        break;
      case 3:
        command.body = AbortOrder{id, "changed my mind"};
        break;
      case 4:
        command.body = FulfilOrder{id, ""};
        break;
      case 5:
        command.body = PlaceOrder{id, {}};
        break;
      default:
        command.body = PlaceOrder{id, any_lines()};
        break;
    }
    if (random_.below(3) == 0) command.actor = "jürgen";
    return random_.below(2) == 0 ? named(std::move(command)) : command;
  }

  Result<void> execute(std::vector<Command> commands) {
    for (Command& command : commands) {
      if (admit(command)) return std::unexpected(Fault{FaultKind::io, "a command is malformed", {}});
    }
    now_ += 1 + random_.below(1'000);
    Execution done = ledger_->execute(commands, UnixMillis(now_));
    if (done.fault) return std::unexpected(*std::move(done.fault));
    return {};
  }

  std::unique_ptr<Store> store_;
  Views views_;
  std::unique_ptr<Ledger> ledger_;
  const Size size_;
  Random& random_;
  std::int64_t now_ = 1'767'323'045'678;
};

/// As a crash now would leave it.
Result<void> copy_store(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error)
    return std::unexpected(Fault{FaultKind::io, "copying " + from.string() + ": " + error.message(), {}});
  return {};
}

Result<void> trade(Shop& shop, int commits) {
  for (; commits > 0; --commits) {
    if (auto traded = shop.trade(); !traded) return traded;
  }
  return {};
}

/// Runs steps one after the other, up to the first that fails.
class Steps {
 public:
  template <class Step>
  void then(const Step& step) {
    if (done_) done_ = step();
  }
  [[nodiscard]] const Result<void>& done() const { return done_; }

 private:
  Result<void> done_;
};

/// Opened by one ledger, killed, opened by another, closed; and then once more, for tables.
Result<void> make_small_stores(const SampleStore& closed, const SampleStore& killed,
                               const SampleStore& tables, Random& random) {
  const Size size{.products = 4, .orders = 12, .commands = 4};
  const fs::path live = closed.dir.parent_path() / "live";
  Steps steps;
  const auto open = [&](const auto& use) {
    auto shop = Shop::open(live, size, random);
    if (!shop) return steps.then([&] { return Result<void>(std::unexpected(shop.error())); });
    use(**shop);
  };
  open([&](Shop& shop) {
    steps.then([&] { return shop.stock_up(); });
    steps.then([&] { return trade(shop, 2); });
    steps.then([&] { return copy_store(live, killed.older); });
    steps.then([&] { return shop.follow(); });
    steps.then([&] { return copy_store(live, closed.older); });
    steps.then([&] { return trade(shop, 3); });
    steps.then([&] { return copy_store(live, killed.dir); });
    steps.then([&] { return shop.follow(); });
  });
  steps.then([&] { return copy_store(live, closed.dir); });
  open([&](Shop& shop) {
    steps.then([&] { return trade(shop, 2); });
    steps.then([&] { return copy_store(live, tables.older); });
    steps.then([&] { return trade(shop, 2); });
    steps.then([&] { return shop.follow(); });
  });
  steps.then([&] { return copy_store(live, tables.dir); });
  return steps.done();
}

Result<void> make_large_store(const SampleStore& large, std::size_t events, Random& random) {
  const Size size{.products = 60, .orders = static_cast<std::uint32_t>(events), .commands = 80};
  const fs::path live = large.dir.parent_path() / "live-large";
  const auto trade_up_to = [&](std::size_t count, bool first) -> Result<void> {
    auto shop = Shop::open(live, size, random);
    if (!shop) return std::unexpected(std::move(shop.error()));
    Steps steps;
    if (first) steps.then([&] { return (*shop)->stock_up(); });
    while (steps.done() && (*shop)->events() < count) steps.then([&] { return (*shop)->trade(); });
    return steps.done();
  };
  Steps steps;
  steps.then([&] { return trade_up_to(events * 3 / 4, true); });
  steps.then([&] { return copy_store(live, large.older); });
  steps.then([&] { return trade_up_to(events, false); });  // which no view sees
  steps.then([&] { return copy_store(live, large.dir); });
  return steps.done();
}

Result<std::vector<Commit>> commits_of(const EventLog& log) {
  std::vector<Commit> commits;
  const auto cursor = log.read(GlobalPosition(1));
  for (;;) {
    const auto commit = cursor->next();
    if (!commit) return std::unexpected(commit.error());
    if (*commit == nullptr) return commits;
    commits.push_back(**commit);
  }
}

}  // namespace

Result<void> make_sample_stores(const fs::path& root, std::size_t events, std::uint64_t seed) {
  const std::vector<SampleStore> stores = sample_stores_in(root);
  Random random(seed);
  Steps steps;
  steps.then([&] { return make_small_stores(stores[0], stores[1], stores[2], random); });
  steps.then([&] { return make_large_store(stores[3], events, random); });
  return steps.done();
}

std::vector<SampleStore> sample_stores_in(const fs::path& root) {
  std::vector<SampleStore> stores;
  for (const std::string name : {"closed", "killed", "tables", "large"}) {
    stores.push_back({.name = name, .dir = root / name, .older = root / (name + ".older")});
  }
  return stores;
}

Result<Answers> answers_of(const fs::path& dir) {
  auto store = rocksdb_engine().open(dir, options_of(false));
  if (!store) return std::unexpected(std::move(store.error()));
  auto key = HeadKey::open_or_make(dir);
  if (!key) return std::unexpected(std::move(key.error()));
  if (auto followed = bring_to_head(**store); !followed) return std::unexpected(std::move(followed.error()));
  Answers answers{.head = (*store)->log().head(), .key = key->public_key(), .views = {}};
  for (const std::string& view : view_names()) {
    const auto digest = digest_of(view, *(*store)->views().view(view).snapshot());
    if (!digest) return std::unexpected(digest.error());
    answers.views.emplace(view, *digest);
  }
  if (auto commits = commits_of((*store)->log()); !commits)
    return std::unexpected(std::move(commits.error()));
  return answers;
}

Result<Original> read_original(const fs::path& dir) {
  Original original;
  {
    const auto store = rocksdb_engine().open(dir, options_of(false));
    if (!store) return std::unexpected(store.error());
    for (const std::string& view : view_names()) {
      original.witnessed = std::max(original.witnessed, (*store)->views().view(view).checkpoint().position);
    }
    auto commits = commits_of((*store)->log());
    if (!commits) return std::unexpected(std::move(commits.error()));
    original.commits = std::move(*commits);
  }
  auto answers = answers_of(dir);
  if (!answers) return std::unexpected(std::move(answers.error()));
  original.answers = std::move(*answers);
  const auto key = HeadKey::open_or_make(dir);
  if (!key) return std::unexpected(key.error());
  const Commit& middle = original.commits[original.commits.size() / 2];
  Head head = original.answers.head;
  original.end = key->sign(head);
  head.position = middle.last();
  head.hash = middle.hash;
  head.time = middle.time;
  original.middle = key->sign(head);
  return original;
}

}  // namespace stockfold
