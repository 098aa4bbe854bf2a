// The families of subcommands. Each adds its own to the program; running one sets `exit_code`.
#pragma once

#include <CLI/CLI.hpp>

namespace stockfold {

void add_product(CLI::App& app, int& exit_code);
/// `product movements`, for add_product().
void add_product_movements(CLI::App& product, int& exit_code);
void add_order(CLI::App& app, int& exit_code);
void add_events(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_rebuild(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_repair(CLI::App& app, int& exit_code);
void add_head(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_import(CLI::App& app, int& exit_code);
void add_load(CLI::App& app, int& exit_code);
void add_token(CLI::App& app, int& exit_code);
void add_backup(CLI::App& app, int& exit_code);
void add_restore(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);

}  // namespace stockfold
