// `stockfold serve`: the ledger itself.
#pragma once

#include <CLI/CLI.hpp>

namespace stockfold {

void add_serve(CLI::App& app, int& exit_code);

}  // namespace stockfold
