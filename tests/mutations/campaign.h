// Runs many trials: a store is damaged, judged and restored, each in a process that may crash.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mutations/byte_damage.h"
#include "mutations/judge.h"
#include "mutations/sample_stores.h"

namespace stockfold {

/// Damages the store in `dir`; nothing if there is nothing to damage in this way.
using Damage = std::function<std::optional<Deed>(const std::filesystem::path& dir, const Original& original)>;

struct Trial {
  std::size_t store = 0;  ///< Which of the sample stores.
  std::string target;     ///< What is damaged, and how, for the table of results.
  std::string harm;
  std::string text;  ///< The full description, for people.
  std::optional<std::string>
      file;  ///< The only file that changes, below the directory of the store; any file if empty.
  Damage damage;
};

Trial trial_of(std::size_t store, const std::string& store_name, const ByteDamage& damage, const Files& files,
               const Files& older);

/// A directory for copies that does not wait for a disk, if there is one.
std::filesystem::path quick_directory();

struct CampaignOptions {
  std::filesystem::path scratch;   ///< For copies.
  unsigned workers = 1;            ///< Processes at the same time.
  std::chrono::seconds limit{60};  ///< For one trial; a trial that takes longer counts as crashed.
  std::function<void(std::size_t done, std::size_t all)> progress;            ///< Called from time to time.
  std::function<void(const Trial& trial, const Judgement& judgement)> wrong;  ///< At once, if it failed.
};

/// Judges every trial, in the order of the trials. It forks, so no other thread may run, and this process
/// must have opened nothing that has threads, such as a store.
std::vector<Judgement> run_campaign(std::span<const SampleStore> stores, std::span<const Trial> trials,
                                    const CampaignOptions& options);

/// The sample stores, made by a separate process for the same reason. The error says what went wrong.
std::expected<std::vector<SampleStore>, std::string> make_sample_stores_apart(
    const std::filesystem::path& root, std::size_t events, std::uint64_t seed);

/// How often each verdict was given, by target and harm.
using Tally = std::map<std::pair<std::string, std::string>, std::map<Verdict, std::size_t>>;
Tally tally(std::span<const Trial> trials, std::span<const Judgement> judgements);

}  // namespace stockfold
