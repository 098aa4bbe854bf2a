// Many trials: a store is damaged, judged, and made whole again, each in a process that may crash.
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

/// Damages the store in `dir`; nothing where there is nothing to be damaged in this way.
using Damage = std::function<std::optional<Deed>(const std::filesystem::path& dir, const Original& original)>;

struct Trial {
  std::size_t store = 0;  ///< Which of the sample stores.
  std::string target;     ///< What is damaged, and how, for the table of results.
  std::string harm;
  std::string text;  ///< All of it, for people.
  std::optional<std::string>
      file;  ///< The only one that changes, below the directory of the store; any, where empty.
  Damage damage;
};

Trial trial_of(std::size_t store, const std::string& store_name, const ByteDamage& damage, const Files& files,
               const Files& older);

/// Where copies are made without waiting for a disk, if there is such a place.
std::filesystem::path quick_directory();

struct CampaignOptions {
  std::filesystem::path scratch;   ///< For copies.
  unsigned workers = 1;            ///< Processes at the same time.
  std::chrono::seconds limit{60};  ///< Of one trial; one that takes longer counts as crashed.
  std::function<void(std::size_t done, std::size_t all)> progress;            ///< Now and then.
  std::function<void(const Trial& trial, const Judgement& judgement)> wrong;  ///< As soon as it is seen.
};

/// Judges every trial, in the order of the trials. Forks, so it is called where no other thread runs, and
/// where nothing was opened by this process that has threads, such as a store.
std::vector<Judgement> run_campaign(std::span<const SampleStore> stores, std::span<const Trial> trials,
                                    const CampaignOptions& options);

/// The sample stores, made by a process of their own for the same reason. What was wrong, in words.
std::expected<std::vector<SampleStore>, std::string> make_sample_stores_apart(
    const std::filesystem::path& root, std::size_t events, std::uint64_t seed);

/// How often each verdict was given, by target and harm.
using Tally = std::map<std::pair<std::string, std::string>, std::map<Verdict, std::size_t>>;
Tally tally(std::span<const Trial> trials, std::span<const Judgement> judgements);

}  // namespace stockfold
