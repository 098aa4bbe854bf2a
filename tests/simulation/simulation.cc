#include "simulation/simulation.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulation/auditor.h"
#include "simulation/simulated_clock.h"
#include "simulation/simulated_disk.h"
#include "simulation/simulated_env.h"
#include "simulation/simulated_ledger.h"
#include "support/ids.h"

namespace stockfold {
namespace {

constexpr UnixMillis::rep kFirstDay = 1'700'000'000'000;

class Simulation {
 public:
  Simulation(const std::filesystem::path& directory, const SimulationOptions& options)
      : options_(options),
        random_(options.seed),
        store_(directory / "store"),
        disk_(std::make_shared<SimulatedDisk>(store_, options.seed, clock_)),
        env_(disk_) {
    for (std::size_t i = 0; i < options.clients; ++i) {
      clients_.push_back(std::make_unique<SimulatedClient>(auditor_));
    }
    if (options.syncs_lie) disk_->lie_about_syncs();
  }

  SimulationReport run() {
    for (int life = 0; life < options_.lives; ++life) live(draw_end());
    settle();
    settle();  // what an orderly end left behind
    report_.disk_changes = disk_->operations();
    const DiskCounts counts = disk_->counts();
    report_.cuts = counts.cuts;
    report_.stalls = counts.stalls;
    report_.stalled_seconds = static_cast<std::uint64_t>(counts.stalled / std::chrono::seconds(1));
    report_.digest = disk_->digest();
    for (const auto& client : clients_) add(*client);
    return report_;
  }

 private:
  // ---- lives ----------------------------------------------------------------------------------------------

  void live(End end) {
    prepare(end);
    const DiskCounts before = disk_->counts();
    std::unique_ptr<SimulatedLedger> ledger;
    // If the power is still to be cut, a ledger that stopped is started again on the same disk.
    for (int starts = is_cut(end) ? 3 : 1;; --starts) {
      ledger = start();
      if (ledger == nullptr) {
        ++(disk_->is_off() ? report_.cut_starts : report_.faults_met);
      } else {
        work(*ledger, end);
        const bool has_stopped = ledger->fault() && !disk_->is_off();
        if (has_stopped && (!is_cut(end) || random_() % 4 == 0)) stops_writing(*ledger);
        if (end == End::shut_down && !ledger->fault()) ledger->shut_down();
        if (!has_stopped) break;
      }
      if (starts == 1 || disk_->is_off()) break;
      stop(std::move(ledger));
      disk_->go_on();
    }
    if (is_cut(end)) {
      disk_->cut_power();
      const DiskCounts now = disk_->counts();
      const std::uint64_t no_room = now.no_room - before.no_room;
      if (no_room > 0) ++report_.cuts_after_full;
      if (now.failures - before.failures > no_room) ++report_.cuts_after_error;
    }
    ++report_.ends[static_cast<std::size_t>(end)];
    this->end(std::move(ledger));
  }

  /// All is well: everything is answered, and the contents are right.
  void settle() {
    auto ledger = start();
    check(*ledger);
    for (const auto& client : clients_) client->connect(ledger->connect());
    for (std::size_t step = 0;; ++step) {
      bool waits = false;
      for (const auto& client : clients_) {
        client->deliver(1U << 20);
        while (ledger->poll()) {
        }
        if (ledger->pending()) ledger->commit();
        ledger->follow(1'000);
        if (!client->receive()) throw Violation("a connection was closed");
        waits |= client->waiting() > 0;
      }
      note_head(*ledger);
      if (!waits) break;
      if (step % 50 == 49) {  // commands refused as overloaded are sent again
        for (const auto& client : clients_) client->connect(ledger->connect());
      }
      if (step > 100'000) throw Violation("requests are not answered");
      run_background_work();
    }
    if (ledger->fault()) throw Violation("it stopped, though nothing failed: " + ledger->fault()->what);
    while (ledger->follow(1'000)) {
    }
    check(*ledger);
    report_.events = ledger->store().log().head().position.value();
    ledger->shut_down();
    end(std::move(ledger));
  }

  void prepare(End end) {
    DiskFaults faults;
    if (end == End::errors_then_cut || end == End::disk_error) faults = draw_errors();
    // One bit only: of two in one start, the second may take away what protected against the first
    // (docs/RELIABILITY.md).
    if (end == End::flipped_bit) faults = {.flip = now_and_then(), .most = 1};
    if (end == End::stalls_then_cut || random_() % 4 == 0) faults.stall = now_and_then();
    disk_->set_faults(faults);
    const bool is_full = end == End::full_then_cut || end == End::disk_full ||
                         (end == End::errors_then_cut && random_() % 4 == 0);
    if (is_full) disk_->set_free_space(random_() % 100'000);
    if (end == End::full_then_cut && random_() % 4 != 0) {
      disk_->cut_power_after_no_room(1 + random_() % (random_() % 2 == 0 ? 10 : 200));
    } else if (is_cut(end)) {
      // A start takes some hundred changes, so about one in four does not finish.
      disk_->cut_power_after(1 + random_() % (random_() % 2 == 0 ? 150 : 800));
    }
  }

  /// A chance, in a million.
  std::uint32_t now_and_then() { return random_() % 2 == 0 ? 20'000 : 3'000; }

  DiskFaults draw_errors() {
    const std::uint32_t chance = now_and_then();
    const std::uint64_t which = random_() % 8;
    const auto of = [which](std::uint64_t kind, std::uint32_t often) {
      return which == kind || which == 7 ? often : 0;
    };
    return {.write = of(0, chance),
            .sync = of(1, chance),
            .read = of(2, chance),
            .rename = of(3, 10 * chance),
            .directory_sync = of(4, 10 * chance),
            .remove = of(5, 10 * chance),
            .truncate = of(6, 10 * chance)};
  }

  /// Null if the prepared faults kept it from starting; otherwise a start must succeed.
  std::unique_ptr<SimulatedLedger> start() {
    const std::uint64_t failures = disk_->counts().failures;
    auto ledger = SimulatedLedger::start(store_, env_, clock_);
    if (ledger) {
      if ((*ledger)->store().torn_tail()) ++report_.torn_tails;
      return std::move(*ledger);
    }
    if (!disk_->is_off() && disk_->counts().failures == failures) {
      throw Violation("the store does not open: " + ledger.error().what);
    }
    return nullptr;
  }

  /// As after a kill of the process.
  void stop(std::unique_ptr<SimulatedLedger> ledger) {
    disk_->stop();
    for (const auto& client : clients_) client->disconnect();
    if (ledger) report_.let_go += ledger->let_go();
  }

  void end(std::unique_ptr<SimulatedLedger> ledger) {
    stop(std::move(ledger));
    disk_->start();
    disk_->set_free_space(std::nullopt);
  }

  // ---- one life -------------------------------------------------------------------------------------------

  void work(SimulatedLedger& ledger, End end) {
    const bool waits = is_cut(end) || end == End::disk_error || end == End::flipped_bit;
    const std::size_t steps = waits ? options_.steps * 4  // most likely until it is met
                                    : 1 + random_() % options_.steps;
    for (std::size_t i = 0; i < steps && !ledger.fault() && !disk_->is_off(); ++i) {
      step(ledger);
    }
    if (ledger.fault()) ++report_.faults_met;
  }

  void step(SimulatedLedger& ledger) {
    SimulatedClient& client = *clients_[random_() % clients_.size()];
    switch (random_() % 25) {
      case 0:
        client.disconnect();
        break;
      case 1:
        // Work that the previous life began is done first: with much of it waiting, a write would wait for
        // the disk.
        run_background_work();
        ledger.begin_flush();
        break;
      case 2:
      case 3:
        env_.run_one();
        break;
      case 4:
      case 5:
      case 6:
        ledger.follow(1 + random_() % 40);
        break;
      case 7:
      case 8:
      case 9:
        if (ledger.pending()) commit(ledger);
        break;
      case 10:
      case 11:
      case 12:
      case 13:
        if (client.connected() && !client.receive()) client.disconnect();
        break;
      case 14:
      case 15:
      case 16:
      case 17:
        for (std::uint64_t i = random_() % 8; i > 0; --i) ledger.poll();
        break;
      case 18:
        advance_clock();
        break;
      case 19:
        ledger.enforce_deadlines();
        break;
      default:
        ask(ledger, client);
        break;
    }
  }

  /// Runs all of it, except a compaction that finds no room, which would be tried again forever.
  void run_background_work() {
    for (int jobs = 0; jobs < 32 && env_.run_one(); ++jobs) {
    }
  }

  void ask(SimulatedLedger& ledger, SimulatedClient& client) {
    if (!client.connected()) {
      client.connect(ledger.connect());
    } else if (client.waiting() < 20) {
      const std::uint64_t what = random_() % 10;
      const std::uint64_t number = random_() % 10;
      if (what == 0) {
        client.send(ShowProduct{nth_product(number), {}});
      } else if (what == 1) {
        client.send(ShowOrder{nth_order(number), {}});
      } else {
        client.send(draw_command(random_));
      }
    }
    client.deliver(random_() % 4 == 0 ? 1 + random_() % 64 : 1U << 20);
  }

  /// The time of a commit is the clock's when it began, however long the disk took, and never goes back.
  void commit(SimulatedLedger& ledger) {
    const Head before = ledger.store().log().head();
    const UnixMillis begun = clock_.time();
    ledger.commit();
    note_head(ledger);
    const Head head = ledger.store().log().head();
    if (head.position != before.position && head.time != std::max(begun, before.time)) {
      throw Violation("the commit up to " + std::to_string(head.position.value()) + " has a time of its own");
    }
  }

  void advance_clock() {
    const std::chrono::milliseconds hour(random_() % 3'600'000);
    const std::uint64_t how = random_() % 20;
    if (how < 2) {
      clock_.set_back(hour);
    } else {
      clock_.pass(hour / (how == 2 ? 10 : 1'000));
    }
  }

  /// The commands were answered: all that the log holds may be quoted from here on.
  void note_head(SimulatedLedger& ledger) {
    if (!ledger.fault() && !disk_->is_off()) auditor_.acknowledged(ledger.store().log().head());
  }

  /// After a fault not a byte is added to the log, and no command gets an outcome.
  void stops_writing(SimulatedLedger& ledger) {
    const std::uint64_t written = disk_->appended_to("log");
    disk_->set_faults({});
    disk_->set_free_space(std::nullopt);
    for (const auto& client : clients_) {
      if (client->connected()) client->deliver(1U << 20);
    }
    const bool log_failed = ledger.pending();
    while (ledger.poll()) {
    }
    while (ledger.pending()) ledger.commit();
    if (log_failed && fault_is_the_logs(ledger) && disk_->appended_to("log") != written) {
      throw Violation("it wrote on after a fault: " + ledger.fault()->what);
    }
    for (const auto& client : clients_) {
      if (client->connected() && !client->receive()) client->disconnect();
    }
  }

  static bool fault_is_the_logs(const SimulatedLedger& ledger) {
    return ledger.fault()->what.starts_with("writing the commit");
  }

  void check(SimulatedLedger& ledger) { auditor_.check(ledger.store().log(), ledger.views()); }

  // ---- chance ---------------------------------------------------------------------------------------------

  End draw_end() {
    unsigned all = 0;
    for (const unsigned weight : options_.ends) all += weight;
    std::uint64_t drawn = random_() % all;
    std::size_t end = 0;
    while (drawn >= options_.ends[end]) drawn -= options_.ends[end++];
    return static_cast<End>(end);
  }

  void add(const SimulatedClient& client) {
    const auto& counts = client.counts();
    SimulatedClient::Counts& all = report_.clients;
    all.commands += counts.commands;
    all.accepted += counts.accepted;
    all.refused += counts.refused;
    all.replayed += counts.replayed;
    all.unknown += counts.unknown;
    all.overloaded += counts.overloaded;
    all.reads += counts.reads;
    report_.digest = report_.digest * 31 + client.digest();
  }

  const SimulationOptions options_;
  std::mt19937_64 random_;
  SimulatedClock clock_{UnixMillis(kFirstDay)};
  const std::filesystem::path store_;
  const std::shared_ptr<SimulatedDisk> disk_;
  SimulatedEnv env_;
  Auditor auditor_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
  SimulationReport report_;
};

}  // namespace

std::string_view name_of(End end) {
  constexpr std::array<std::string_view, kEnds> names{
      "power cut", "full, then cut", "errors, then cut", "stalls, then cut", "kill",
      "shut down", "disk error",     "flipped bit",      "disk full"};
  return names.at(static_cast<std::size_t>(end));
}

SimulationReport& SimulationReport::operator+=(const SimulationReport& other) {
  for (std::size_t i = 0; i < kEnds; ++i) ends[i] += other.ends[i];
  cuts += other.cuts;
  cut_starts += other.cut_starts;
  cuts_after_full += other.cuts_after_full;
  cuts_after_error += other.cuts_after_error;
  stalls += other.stalls;
  stalled_seconds += other.stalled_seconds;
  let_go += other.let_go;
  faults_met += other.faults_met;
  torn_tails += other.torn_tails;
  events += other.events;
  disk_changes += other.disk_changes;
  clients.commands += other.clients.commands;
  clients.accepted += other.clients.accepted;
  clients.refused += other.clients.refused;
  clients.replayed += other.clients.replayed;
  clients.unknown += other.clients.unknown;
  clients.overloaded += other.clients.overloaded;
  clients.reads += other.clients.reads;
  digest += other.digest;  // in any order
  return *this;
}

SimulationReport simulate(const std::filesystem::path& directory, const SimulationOptions& options) {
  return Simulation(directory, options).run();
}

}  // namespace stockfold
