// Prepares a ledger for a load, and reads it back afterwards: products, and orders to show.
#pragma once

#include <stockfold/client.h>

#include "tools/load/bench.h"
#include "tools/load/load.h"

namespace stockfold {

/// Of every product of a run: more than any load takes.
inline constexpr Units kFirstStock = 1'000'000'000'000;

[[nodiscard]] ClientResult<void> register_products(Client& client, const LoadPlan& plan);
/// Orders in progress, of the run's products.
[[nodiscard]] ClientResult<std::vector<OpenOrder>> place_orders(Client& client, const LoadPlan& plan,
                                                                std::size_t count);

/// Reads back every product, and the sampled orders.
[[nodiscard]] ClientResult<Verification> verify(Client& client, const LoadPlan& plan, const LoadResult& load);

}  // namespace stockfold
