// What the trials of all forgeries have in common.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "mutations/campaign.h"

namespace stockfold {

/// The commit, or row, at a place out of so many that are spread evenly, the first and the last among them.
inline std::size_t at_place(std::size_t place, std::size_t places, std::size_t count) {
  return places < 2 || count == 0 ? 0 : place * (count - 1) / (places - 1);
}

inline Trial forgery_trial(std::size_t store, const std::string& store_name, std::string target,
                           std::string harm, std::size_t place, Damage damage) {
  std::string text = store_name + ": " + target + ": " + harm + ", place " + std::to_string(place);
  return {.store = store,
          .target = std::move(target),
          .harm = std::move(harm),
          .text = std::move(text),
          .file = {},
          .damage = std::move(damage)};
}

}  // namespace stockfold
