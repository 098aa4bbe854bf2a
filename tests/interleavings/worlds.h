// The explored worlds: every choice of requests from an alphabet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "interleavings/request.h"

namespace stockfold {

enum class Ids : std::uint8_t {
  none,
  own,   ///< Each request has a command id of its own.
  same,  ///< All have the same.
};

/// Every choice of `clients` of these words, with repetition and regardless of order.
std::vector<World> worlds_of(const std::vector<std::string>& given, const std::vector<std::string>& words,
                             std::size_t clients, Ids ids);

/// One world in `share`, spread evenly over all.
std::vector<World> one_in(std::size_t share, const std::vector<World>& worlds);

/// Two products with one unit each, an order in progress, and a draft of both products.
const std::vector<std::string>& shop();
/// The possible requests in that shop: every kind of command, and at least one for every rule that can meet
/// another.
const std::vector<std::string>& shop_words();

/// Shops of one product: stock 0, 1, 2, and order 1 absent, a draft, and in progress.
const std::vector<std::vector<std::string>>& small_shops();
/// The possible requests in these shops.
const std::vector<std::string>& small_words();
/// worlds_of() all of them.
std::vector<World> small_worlds(std::size_t clients, Ids ids);

}  // namespace stockfold
