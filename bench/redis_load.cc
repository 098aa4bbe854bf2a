// The load of `stockfold bench`, sent to Redis: clients place an order and abort it again. Each command is a
// Lua script that was loaded before.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/closed_loop.h"

namespace stockfold {
namespace {

struct Scripts {
  std::string place, abort;  ///< Their SHA-1, as returned by SCRIPT LOAD.
};

/// Keys are stock:N and order:N.
class RedisDialogue final : public Dialogue {
 public:
  RedisDialogue(Scripts scripts, std::size_t products, std::size_t clients)
      : scripts_(std::move(scripts)),
        products_(products),
        buyers_(clients),
        random_(std::random_device{}()) {}

  bool ask(std::size_t client, bool stopping, std::string& out) override {
    Buyer& buyer = buyers_[client];
    if (!buyer.placed) {
      if (stopping) return false;
      buyer.order = ++orders_;
      buyer.product = random_() % products_;
    }
    const std::string order = std::to_string(buyer.order);
    out += "*6\r\n";
    for (const std::string& word :
         {std::string("EVALSHA"), buyer.placed ? scripts_.abort : scripts_.place, std::string("2"),
          "stock:" + std::to_string(buyer.product), "order:" + order, order}) {
      fmt::format_to(std::back_inserter(out), "${}\r\n{}\r\n", word.size(), word);
    }
    return true;
  }

  [[nodiscard]] std::size_t reply_size(std::string_view bytes) const override {
    const std::size_t end = bytes.find("\r\n");
    return end == std::string_view::npos ? 0 : end + 2;
  }

  /// The scripts answer 1 if they did it. Every other answer, errors included, is one line as well.
  bool take(std::size_t client, std::string_view reply) override {
    Buyer& buyer = buyers_[client];
    const bool done = reply == ":1\r\n";
    if (!done && first_error_.empty()) first_error_ = reply.substr(0, reply.size() - 2);
    buyer.placed = done && !buyer.placed;
    return done;
  }

  [[nodiscard]] const std::string& first_error() const { return first_error_; }

 private:
  struct Buyer {
    std::uint64_t order = 0;
    std::size_t product = 0;
    bool placed = false;
  };

  Scripts scripts_;
  std::size_t products_;
  std::vector<Buyer> buyers_;
  std::mt19937_64 random_;
  std::uint64_t orders_ = 0;
  std::string first_error_;
};

int run(int argc, char** argv) {
  LoopPlan plan;
  Scripts scripts;
  std::size_t products = 1;
  double seconds = 10;
  CLI::App app("places and aborts orders in Redis by scripts; one JSON object on stdout");
  app.add_option("--port", plan.port)->required();
  app.add_option("--place", scripts.place, "the SHA-1 of the script that places")->required();
  app.add_option("--abort", scripts.abort, "the SHA-1 of the script that aborts")->required();
  app.add_option("--products", products)->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--connections", plan.connections)->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--depth", plan.depth, "commands in flight on each")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--seconds", seconds, "how long to measure, after one to warm up")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  plan.measured = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000));

  RedisDialogue dialogue(scripts, products, plan.connections * plan.depth);
  const auto result = run_closed_loop(plan, dialogue);
  if (!result) {
    fmt::print(stderr, "stockfold-redis-load: {}\n", result.error());
    return 1;
  }
  fmt::print("{{{}}}\n", json_fields(plan, *result));
  if (result->errors > 0)
    fmt::print(stderr, "stockfold-redis-load: the first error: {}\n", dialogue.first_error());
  return result->errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace stockfold

int main(int argc, char** argv) { return stockfold::run(argc, argv); }
