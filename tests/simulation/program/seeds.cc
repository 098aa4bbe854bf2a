#include "simulation/program/seeds.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// A process's report about one seed, in one write, which a pipe does not split.
struct Said {
  std::uint64_t seed = 0;
  bool ended = false;  ///< With a report, or with a violation; otherwise it was begun.
  bool broken = false;
  SimulationReport report;
  std::array<char, 1'024> why{};
};
static_assert(std::is_trivially_copyable_v<Said> && sizeof(Said) <= 4'096);

struct Worker {
  pid_t process = 0;
  int said = -1;  ///< The pipe of its reports; -1: it has ended.
  std::optional<std::uint64_t> seed;
};

void say(int out, const Said& said) {
  if (::write(out, &said, sizeof said) != sizeof said) ::_exit(2);  // the reader has ended
}

Said simulate_one(const fs::path& directory, SimulationOptions options, std::uint64_t seed) {
  options.seed = seed;
  Said said{.seed = seed, .ended = true};
  try {
    fs::remove_all(directory);
    fs::create_directories(directory);
    said.report = simulate(directory, options);
  } catch (const std::exception& violation) {
    said.broken = true;
    std::strncpy(said.why.data(), violation.what(), said.why.size() - 1);
  }
  return said;
}

[[noreturn]] void work(const SeedsOptions& options, unsigned number, std::uint64_t first, int out,
                       std::chrono::steady_clock::time_point begun) {
  const fs::path directory = options.scratch / std::to_string(number);
  for (std::uint64_t seed = first; !options.count || seed < options.first + *options.count;
       seed += options.processes) {
    if (options.time && std::chrono::steady_clock::now() - begun > *options.time) break;
    say(out, {.seed = seed});
    say(out, simulate_one(directory, options.simulation, seed));
  }
  ::_exit(0);
}

Worker start(const SeedsOptions& options, unsigned number, std::uint64_t first,
             std::chrono::steady_clock::time_point begun) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t process = ::fork();
  if (process < 0) throw std::runtime_error("no process");
  if (process == 0) {
    ::close(ends[0]);
    work(options, number, first, ends[1], begun);
  }
  ::close(ends[1]);
  return {process, ends[0], std::nullopt};
}

}  // namespace

SeedsReport run_seeds(const SeedsOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  SeedsReport report;
  std::vector<Worker> workers;
  for (unsigned number = 0; number < options.processes; ++number) {
    workers.push_back(start(options, number, options.first + number, begun));
  }
  for (std::size_t running = workers.size(); running > 0;) {
    std::vector<pollfd> waits;
    for (const Worker& worker : workers) waits.push_back({worker.said, POLLIN, 0});
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;  // interrupted
    for (std::size_t i = 0; i < workers.size(); ++i) {
      Worker& worker = workers[i];
      if (waits[i].revents == 0) continue;
      Said said;
      if (::read(worker.said, &said, sizeof said) == sizeof said) {
        worker.seed = said.ended ? std::nullopt : std::optional(said.seed);
        if (!said.ended) continue;
        if (said.broken) report.broken.push_back({said.seed, said.why.data()});
        report.all += said.report;
        ++report.seeds;
        if (options.progress) options.progress(report);
        continue;
      }
      ::close(std::exchange(worker.said, -1));
      --running;
      int status = 0;
      ::waitpid(worker.process, &status, 0);
      if (!worker.seed) continue;
      report.broken.push_back({*worker.seed, "its process died"});
      worker = start(options, static_cast<unsigned>(i), *worker.seed + options.processes, begun);
      ++running;
    }
  }
  return report;
}

}  // namespace stockfold
