#include "simulation/simulation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "simulation/auditor.h"
#include "simulation/simulated_disk.h"
#include "simulation/simulated_env.h"
#include "simulation/simulated_ledger.h"
#include "storage/rocksdb_environment.h"
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
        disk_(std::make_shared<SimulatedDisk>(store_, options.seed)),
        env_(disk_),
        environment_{&env_} {
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
    report_.digest = disk_->digest();
    for (const auto& client : clients_) add(*client);
    return report_;
  }

 private:
  // ---- lives ----------------------------------------------------------------------------------------------

  void live(End end) {
    prepare(end);
    auto ledger = start();
    if (ledger == nullptr) {
      ++(end == End::power_cut ? report_.cut_starts : report_.faults_met);
    } else {
      work(*ledger, end);
      if (ledger->fault() && !disk_->is_off()) stops_writing(*ledger);
      if (end == End::shut_down && !ledger->fault()) ledger->shut_down();
    }
    ++report_.ends[static_cast<std::size_t>(end)];
    this->end(std::move(ledger));
  }

  /// All is well: everything is answered, and what is there is what ought to be.
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
      if (step % 50 == 49) {  // those that were refused as overloaded ask again
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
    switch (end) {
      case End::power_cut:
        // Starts take some hundred changes; so about one in four does not get through.
        disk_->cut_power_after(1 + random_() % (random_() % 2 == 0 ? 150 : 800));
        break;
      case End::disk_error: {
        const std::uint32_t chance = random_() % 2 == 0 ? 20'000 : 3'000;
        DiskFaults faults;
        const std::uint64_t which = random_() % 6;
        if (which == 0 || which == 5) faults.write = chance;
        if (which == 1 || which == 5) faults.sync = chance;
        if (which == 2 || which == 5) faults.read = chance;
        if (which == 3 || which == 5) faults.rename = 10 * chance;
        if (which == 4 || which == 5) faults.directory_sync = 10 * chance;
        disk_->set_faults(faults);
        break;
      }
      case End::flipped_bit:
        // One: of two in one start, the second may keep from it what the first took (docs/RELIABILITY.md).
        disk_->set_faults(
            {.flip = static_cast<std::uint32_t>(random_() % 2 == 0 ? 20'000 : 3'000), .most = 1});
        break;
      case End::disk_full:
        disk_->set_free_space(random_() % 100'000);
        break;
      case End::kill:
      case End::shut_down:
        break;
    }
  }

  /// Null where it was kept from starting by what was prepared; a start that nothing keeps from it succeeds.
  std::unique_ptr<SimulatedLedger> start() {
    const std::uint64_t failures = disk_->failures();
    auto ledger = SimulatedLedger::start(store_, environment_, env_, [this] { return UnixMillis(clock_); });
    if (ledger) {
      if ((*ledger)->store().torn_tail()) ++report_.torn_tails;
      return std::move(*ledger);
    }
    if (!disk_->is_off() && disk_->failures() == failures) {
      throw Violation("the store does not open: " + ledger.error().what);
    }
    return nullptr;
  }

  void end(std::unique_ptr<SimulatedLedger> ledger) {
    disk_->stop();
    for (const auto& client : clients_) client->disconnect();
    ledger.reset();
    disk_->start();
    disk_->set_free_space(std::nullopt);
  }

  // ---- one life -------------------------------------------------------------------------------------------

  void work(SimulatedLedger& ledger, End end) {
    const std::size_t steps = end == End::power_cut || end == End::disk_error || end == End::flipped_bit
                                  ? options_.steps * 4  // until it is met, most likely
                                  : 1 + random_() % options_.steps;
    for (std::size_t i = 0; i < steps && !ledger.fault() && !disk_->is_off(); ++i) {
      step(ledger);
    }
    if (ledger.fault()) ++report_.faults_met;
  }

  void step(SimulatedLedger& ledger) {
    SimulatedClient& client = *clients_[random_() % clients_.size()];
    switch (random_() % 24) {
      case 0:
        client.disconnect();
        break;
      case 1:
        // What the one before began is done first: with many behind it, a write would wait for the disk.
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
        if (ledger.pending()) ledger.commit();
        note_head(ledger);
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
      default:
        ask(ledger, client);
        break;
    }
  }

  /// All of it, but for a compaction that finds no room and is tried again for ever.
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

  void advance_clock() {
    const auto hour = static_cast<UnixMillis::rep>(random_() % 3'600'000);
    clock_ += random_() % 10 == 0 ? -hour : hour / 100;
  }

  /// The writer has answered: all that the log holds may be quoted from here on.
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
  const std::filesystem::path store_;
  const std::shared_ptr<SimulatedDisk> disk_;
  SimulatedEnv env_;
  const StoreEnvironment environment_;
  Auditor auditor_;
  std::vector<std::unique_ptr<SimulatedClient>> clients_;
  UnixMillis::rep clock_ = kFirstDay;
  SimulationReport report_;
};

}  // namespace

std::string_view name_of(End end) {
  constexpr std::array<std::string_view, kEnds> names{"power cut",  "kill",        "shut down",
                                                      "disk error", "flipped bit", "disk full"};
  return names.at(static_cast<std::size_t>(end));
}

SimulationReport& SimulationReport::operator+=(const SimulationReport& other) {
  for (std::size_t i = 0; i < kEnds; ++i) ends[i] += other.ends[i];
  cut_starts += other.cut_starts;
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
