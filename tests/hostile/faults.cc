#include "hostile/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using std::chrono::milliseconds;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// No reserve, so that the disk itself becomes full.
std::vector<std::string> no_reserve() { return {"--disk-reserve", "0"}; }

/// A server that is started again and again on one directory.
class Restarted {
 public:
  Restarted(std::filesystem::path data, std::uint64_t seed) : data_(std::move(data)), load_(seed) { start(); }

  void start() {
    server_ = std::make_unique<ServedLedger>(data_, 0, no_reserve());
    slowest_s_ = std::max(slowest_s_, std::exchange(is_first_, false) ? 0 : server_->seconds_to_ready());
  }
  ServedLedger& server() { return *server_; }
  CrashLoad& load() { return load_; }

  /// Reads back what is on the disk.
  FaultResult finish(std::uint64_t faults) {
    FaultResult result;
    result.faults = faults;
    if (const int code = server_->terminate(); code != 0) {
      result.broken.push_back(fmt::format("it ended with exit code {}", code));
    }
    load_.check(data_);
    const ProgramResult audit = run_program({"audit", "--data", data_.string()});
    if (audit.exit_code != 0) result.broken.push_back("the audit does not find it sound: " + audit.out);
    result.tally = load_.tally();
    result.slowest_restart_s = slowest_s_;
    return result;
  }

 private:
  std::filesystem::path data_;
  CrashLoad load_;
  std::unique_ptr<ServedLedger> server_;
  bool is_first_ = true;
  double slowest_s_ = 0;
};

/// On a full disk: the start itself may find room, in files that are no longer needed.
bool starts_or_says_why(const std::filesystem::path& data) {
  const std::filesystem::path said = data.parent_path() / "serve.log";
  const std::size_t before = contents(said).size();
  try {
    ServedLedger again(data, 0, no_reserve());
    return true;
  } catch (const std::runtime_error& error) {
    const bool as_agreed = std::string_view(error.what()).find("exit code 1:") != std::string_view::npos;
    return as_agreed && contents(said).find("No space left", before) != std::string::npos;
  }
}

}  // namespace

FaultResult kill_often(const std::filesystem::path& scratch, std::uint64_t kills, std::uint64_t seed,
                       const FaultProgress& progress) {
  std::mt19937_64 random(seed);
  Restarted ledger(scratch / "killed", random());
  ledger.load().register_products(ledger.server());
  for (std::uint64_t kill = 0; kill < kills && ledger.load().tally().is_good(); ++kill) {
    if (progress) progress(kill);
    ledger.load().begin(ledger.server());
    std::this_thread::sleep_for(milliseconds(50 + random() % 150));  // of load
    ledger.server().kill();
    ledger.load().end();
    ledger.start();
    ledger.load().retry(ledger.server());
  }
  return ledger.finish(kills);
}

FaultResult stop_often(const std::filesystem::path& scratch, std::uint64_t stops, std::uint64_t seed,
                       const FaultProgress& progress) {
  std::mt19937_64 random(seed);
  Restarted ledger(scratch / "stopped", random());
  CrashLoad& load = ledger.load();
  load.register_products(ledger.server());
  bool goes_on = true;
  for (std::uint64_t stop = 0; stop < stops && load.tally().is_good(); ++stop) {
    if (progress) progress(stop);
    load.begin(ledger.server());
    std::this_thread::sleep_for(milliseconds(20 + random() % 50));  // of load
    ledger.server().pause();
    std::this_thread::sleep_for(milliseconds(50 + random() % 150));  // what was sent meanwhile waits
    ledger.server().resume();
    const std::uint64_t before = load.answers();
    std::this_thread::sleep_for(milliseconds(20 + random() % 50));  // of load
    load.stop();
    load.end();
    goes_on = goes_on && load.answers() > before;
    load.retry(ledger.server());
  }
  FaultResult result = ledger.finish(stops);
  if (!goes_on) result.broken.emplace_back("nothing was answered after it went on");
  if (result.tally.unknown > 0) result.broken.emplace_back("commands had no answer");
  return result;
}

FaultResult fill_often(SmallDisk& disk, std::uint64_t times, std::uint64_t seed,
                       const FaultProgress& progress) {
  const std::filesystem::path data = disk.path();
  const std::filesystem::path said = data.parent_path() / "serve.log";
  std::mt19937_64 random(seed);
  Restarted ledger(data, random());
  std::vector<std::string> broken;
  const auto expect = [&broken](bool is_so, std::string what) {
    if (!is_so) broken.push_back(std::move(what));
  };
  ledger.load().register_products(ledger.server());
  for (std::uint64_t time = 0; time < times && broken.empty() && ledger.load().tally().is_good(); ++time) {
    if (progress) progress(time);
    ledger.load().begin(ledger.server());
    const int code = ledger.server().wait();
    ledger.load().end();
    expect(code == 1, fmt::format("full, it ended with exit code {}", code));
    expect(contents(said).find("the store failed at position") != std::string::npos,
           "it did not say that the store failed");
    if (disk.stays_full())
      expect(starts_or_says_why(data), "started while full, it did not say why it could not");
    disk.grow();
    ledger.start();
    ledger.load().retry(ledger.server());
  }
  FaultResult result = ledger.finish(times);
  result.broken.insert(result.broken.end(), broken.begin(), broken.end());
  return result;
}

}  // namespace stockfold
