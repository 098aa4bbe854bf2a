// What all trials of forgeries share.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "mutations/campaign.h"

namespace stockfold {

/// The index of a commit or row: `places` are spread evenly over all, the first and the last included.
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
