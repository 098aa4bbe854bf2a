// Rules for the sources: which folder may include which, and a few rules that no compiler checks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace stockfold {

/// Files by their path from the root, "core/ids.h".
using Tree = std::map<std::string, std::string>;

inline constexpr std::size_t kMaxFileLines = 500;

/// Reads every .h and .cc of the folders, their tests and benchmarks.
Tree read_tree(const std::filesystem::path& root);

/// One line for each rule broken, "core/ids.h:3: ...": an include that the folder may not have.
std::vector<std::string> broken_layers(const Tree& tree);

/// The folders that may include themselves by way of others, or that include such a folder. There must be
/// none.
std::vector<std::string> folders_in_circles();

/// Likewise: a file that is too long, a header without #pragma once, a vague file name, a leftover note.
std::vector<std::string> broken_habits(const Tree& tree);

/// One line for each class, enumeration or alias whose name two production files define in a namespace,
/// unnamed ones included: "Row: is defined in a.cc b.cc". Types within a class are its own.
std::vector<std::string> repeated_type_names(const Tree& tree);

}  // namespace stockfold
