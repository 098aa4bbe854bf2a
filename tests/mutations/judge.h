// What became of damage: it was found, or it changes no answer, or it was missed.
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
  refused,    ///< The store does not open, and says why, without calling it a violation: exit 1.
  cut_tail,   ///< Reported as a torn tail: the log ends before the damage, and no witness saw more.
  kept_head,  ///< Only a signed head that was kept elsewhere shows it: `audit --against`.
  harmless,   ///< The audit is content, and rightly: head, views and every answer are those of the original.
  missed,     ///< The audit is content, and wrongly.
  crashed,    ///< It ended by a signal, or not in time.
};
std::string_view name_of(Verdict verdict);

/// What was done to a store, as far as it decides what must be found without a head that was kept.
struct Deed {
  /// The log that it leaves is one that could have been: it holds less than the original, or other events
  /// under a chain that was formed anew. Then what no witness saw need not be found in it.
  bool plausible = false;
  GlobalPosition first;  ///< The first event that is not what it was.
  bool views_gone = false;
};

struct Judgement {
  Verdict verdict = Verdict::none;
  std::string why;  ///< What the audit said, or why it was missed.
};

/// Judges the store in `dir`, which is not changed. `scratch` is a directory for its use. Faults of the judge
/// itself are told as missed.
Judgement judge(const std::filesystem::path& dir, const Deed& deed, const Original& original,
                const std::filesystem::path& scratch);

}  // namespace stockfold
