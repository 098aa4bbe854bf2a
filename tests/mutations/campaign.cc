#include "mutations/campaign.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <thread>

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// What a worker reports of a trial, in memory that outlives the worker.
struct Slot {
  Verdict verdict = Verdict::none;
  bool begun = false;
  bool told = false;  ///< Whether a failure was reported.
  std::array<char, 253> why{};
};

/// One slot a trial, shared by this process and its workers.
class Slots {
 public:
  explicit Slots(std::size_t count) : size_(std::max<std::size_t>(count, 1) * sizeof(Slot)), count_(count) {
    void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    slots_ = static_cast<Slot*>(memory);
    std::uninitialized_value_construct_n(slots_, count_);
  }
  ~Slots() { ::munmap(slots_, size_); }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  [[nodiscard]] Slot& at(std::size_t i) const { return slots_[i]; }

 private:
  std::size_t size_;
  std::size_t count_;
  Slot* slots_;
};

void tell(Slot& slot, const Judgement& judgement) {
  std::memcpy(slot.why.data(), judgement.why.data(), std::min(judgement.why.size(), slot.why.size() - 1));
  slot.verdict = judgement.verdict;
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void copy_anew(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

/// A damaged length must not make the program take all memory.
void bound_memory() {
#if !defined(STOCKFOLD_ADDRESS_SANITIZER) && !defined(STOCKFOLD_THREAD_SANITIZER)
  constexpr rlim_t kMost = rlim_t{8} << 30U;
  const rlimit bounded{kMost, kMost};
  ::setrlimit(RLIMIT_AS, &bounded);
#endif
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
}

/// A worker's stores: a copy of one, which is damaged, and what is known of each.
class Bench {
 public:
  Bench(std::span<const SampleStore> stores, fs::path scratch)
      : stores_(stores), scratch_(std::move(scratch)), originals_(stores.size()) {}

  Judgement judge(const Trial& trial) {
    const SampleStore& store = stores_[trial.store];
    const fs::path dir = scratch_ / "store";
    if (whole_ != trial.store) copy_anew(store.dir, dir);
    whole_.reset();
    const Original& original = original_of(trial.store);
    const auto deed = trial.damage(dir, original);
    if (!deed) return {};
    const Judgement judgement = stockfold::judge(dir, *deed, original, scratch_);
    if (trial.file) {
      fs::copy_file(store.dir / *trial.file, dir / *trial.file, fs::copy_options::overwrite_existing);
      whole_ = trial.store;
    }
    return judgement;
  }

 private:
  const Original& original_of(std::size_t store) {
    std::optional<Original>& original = originals_[store];
    if (!original) {
      copy_anew(stores_[store].dir, scratch_ / "original");
      auto read = read_original(scratch_ / "original");
      if (!read) {
        std::fprintf(stderr, "an undamaged store: %s\n", read.error().what.c_str());
        std::abort();
      }
      original = std::move(*read);
    }
    return *original;
  }

  std::span<const SampleStore> stores_;
  fs::path scratch_;
  std::vector<std::optional<Original>> originals_;
  std::optional<std::size_t> whole_;  ///< The store that was copied, while the copy is whole.
};

/// One process, and its remaining trials.
struct Worker {
  std::size_t number = 0;
  std::size_t next = 0;  ///< The trial that it begins, or began, with.
  pid_t pid = -1;
};

class Campaign {
 public:
  Campaign(std::span<const SampleStore> stores, std::span<const Trial> trials, const CampaignOptions& options)
      : stores_(stores), trials_(trials), options_(options), slots_(trials.size()) {}

  std::vector<Judgement> run() {
    std::vector<Worker> workers(std::max(options_.workers, 1U));
    for (std::size_t i = 0; i < workers.size(); ++i) {
      workers[i].number = workers[i].next = i;
      begin(workers[i], workers.size());
    }
    while (std::ranges::any_of(workers, [](const Worker& worker) { return worker.pid > 0; })) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      for (Worker& worker : workers) look_after(worker, workers.size());
      tell_wrong();
      if (options_.progress) options_.progress(done(), trials_.size());
    }
    std::vector<Judgement> judgements;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      judgements.push_back({slots_.at(i).verdict, slots_.at(i).why.data()});
    }
    return judgements;
  }

 private:
  [[nodiscard]] fs::path scratch_of(const Worker& worker) const {
    return options_.scratch / ("worker-" + std::to_string(worker.number));
  }

  void begin(Worker& worker, std::size_t step) {
    if (worker.next >= trials_.size()) return;
    fs::remove_all(scratch_of(worker));
    fs::create_directories(scratch_of(worker));
    worker.pid = ::fork();
    if (worker.pid < 0) std::abort();
    if (worker.pid == 0) work(worker, step);
  }

  [[noreturn]] void work(const Worker& worker, std::size_t step) {
    const fs::path scratch = scratch_of(worker);
    const std::string words = (scratch / "stderr").string();
    const int file = ::open(words.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(file, STDERR_FILENO);
    bound_memory();
    Bench bench(stores_, scratch);
    for (std::size_t i = worker.next; i < trials_.size(); i += step) {
      slots_.at(i).begun = true;
      ::alarm(static_cast<unsigned>(options_.limit.count()));
      tell(slots_.at(i), bench.judge(trials_[i]));
      slots_.at(i).begun = false;
    }
    ::_exit(0);
  }

  /// If a worker ends during a trial, that trial made it crash; another process continues after it.
  void look_after(Worker& worker, std::size_t step) {
    int status = 0;
    if (worker.pid <= 0 || ::waitpid(worker.pid, &status, WNOHANG) != worker.pid) return;
    worker.pid = -1;
    std::size_t at = worker.next;
    while (at < trials_.size() && !slots_.at(at).begun) at += step;
    if (at >= trials_.size()) return;
    tell(slots_.at(at), {Verdict::crashed, last_words(worker, status)});
    slots_.at(at).begun = false;
    worker.next = at + step;
    begin(worker, step);
  }

  [[nodiscard]] std::string last_words(const Worker& worker, int status) const {
    std::string words =
        WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + ": " : "it ended by itself: ";
    std::ifstream in(scratch_of(worker) / "stderr");
    return words.append(std::istreambuf_iterator<char>(in), {});
  }

  void tell_wrong() {
    for (std::size_t i = 0; options_.wrong && i < trials_.size(); ++i) {
      Slot& slot = slots_.at(i);
      if (slot.told || (slot.verdict != Verdict::missed && slot.verdict != Verdict::crashed)) continue;
      slot.told = true;
      options_.wrong(trials_[i], {slot.verdict, slot.why.data()});
    }
  }

  [[nodiscard]] std::size_t done() const {
    std::size_t done = 0;
    for (std::size_t i = 0; i < trials_.size(); ++i) done += slots_.at(i).verdict != Verdict::none ? 1U : 0U;
    return done;
  }

  std::span<const SampleStore> stores_;
  std::span<const Trial> trials_;
  const CampaignOptions& options_;
  Slots slots_;
};

}  // namespace

fs::path quick_directory() {
  const fs::path in_memory = "/dev/shm";
  return fs::is_directory(in_memory) ? in_memory : fs::temp_directory_path();
}

Trial trial_of(std::size_t store, const std::string& store_name, const ByteDamage& damage, const Files& files,
               const Files& older) {
  const std::string& bytes = files.at(damage.file);
  const auto earlier = older.find(damage.file);
  const auto change = [damage, &bytes, earlier, &older](const fs::path& dir,
                                                        const Original&) -> std::optional<Deed> {
    const auto before = earlier == older.end() ? std::nullopt : std::optional(earlier->second);
    const auto after = damaged(bytes, before, damage);
    if (after == bytes) return std::nullopt;
    if (after) write_file(dir / damage.file, *after);
    if (!after) fs::remove(dir / damage.file);
    return Deed{.plausible = is_plausible(damage.harm)};
  };
  return {.store = store,
          .target = kind_of_file(damage.file),
          .harm = std::string(name_of(damage.harm)),
          .text = store_name + ": " + text_of(damage),
          .file = damage.file,
          .damage = change};
}

std::vector<Judgement> run_campaign(std::span<const SampleStore> stores, std::span<const Trial> trials,
                                    const CampaignOptions& options) {
  return Campaign(stores, trials, options).run();
}

std::expected<std::vector<SampleStore>, std::string> make_sample_stores_apart(const fs::path& root,
                                                                              std::size_t events,
                                                                              std::uint64_t seed) {
  fs::create_directories(root);
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected("cannot fork");
  if (child == 0) {
    const auto made = make_sample_stores(root, events, seed);
    if (!made) std::fprintf(stderr, "%s\n", made.error().what.c_str());
    ::_exit(made ? 0 : 1);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) return std::unexpected("cannot make the stores");
  return sample_stores_in(root);
}

Tally tally(std::span<const Trial> trials, std::span<const Judgement> judgements) {
  Tally all;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (judgements[i].verdict == Verdict::none) continue;
    ++all[{trials[i].target, trials[i].harm}][judgements[i].verdict];
  }
  return all;
}

}  // namespace stockfold
