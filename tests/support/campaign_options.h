// Options that the programs of the long campaigns share.
#pragma once

#include <CLI/CLI.hpp>
#include <concepts>
#include <cstdint>
#include <string>

namespace stockfold {

inline void add_seed(CLI::App& app, std::uint64_t& seed) {
  app.add_option("--seed", seed, "of all that is drawn")->type_name("S")->capture_default_str();
}

/// A number from 1 on.
template <std::integral Number>
void add_count(CLI::App& app, const std::string& name, Number& number, const std::string& description) {
  app.add_option(name, number, description)
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

inline void add_scratch(CLI::App& app, std::string& directory) {
  app.add_option("--scratch", directory, "where to make the stores")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
}

inline void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "one JSON object a line"); }

}  // namespace stockfold
