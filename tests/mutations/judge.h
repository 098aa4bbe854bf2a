// The result of damage: it was found, it changes no answer, or it was missed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mutations/sample_stores.h"

namespace stockfold {

enum class Verdict : std::uint8_t {
  none,       ///< Not judged, or there was nothing to damage in this way.
  found,      ///< The audit names a violation: exit 5.
  refused,    ///< The store does not open and gives the reason, but does not call it a violation: exit 1.
  cut_tail,   ///< Reported as a torn tail: the log ends before the damage, and no witness saw more.
  kept_head,  ///< Only a signed head that was kept elsewhere shows it: `audit --against`.
  harmless,   ///< The audit finds nothing, rightly: head, views and all answers are the original's.
  missed,     ///< The audit finds nothing, wrongly.
  crashed,    ///< The process ended by a signal, or not in time.
};
std::string_view name_of(Verdict verdict);

/// What was done to a store, as far as it decides what must be found without a kept head.
struct Deed {
  /// The resulting log could be that of a sound store: it holds less than the original, or other events under
  /// a chain that was computed again. Then what no witness saw need not be found.
  bool plausible = false;
  GlobalPosition first;  ///< The first event that differs.
  bool views_gone = false;
};

struct Judgement {
  Verdict verdict = Verdict::none;
  std::string why;  ///< The audit's message, or why the damage was missed.
};

/// Judges the store in `dir` without changing it. `scratch` is a directory for its use. Faults of the judge
/// itself are reported as missed.
Judgement judge(const std::filesystem::path& dir, const Deed& deed, const Original& original,
                const std::filesystem::path& scratch);

}  // namespace stockfold
