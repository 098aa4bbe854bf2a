// Overwrites the rows of a log, as an attacker with the files and this program's sources could.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "storage/log/event_log.h"

namespace stockfold {

/// Position of the first event -> record.
using LogRows = std::map<std::uint64_t, std::string>;

LogRows rows_of(const std::vector<Commit>& commits);

/// Makes the log in `dir` hold exactly these rows, in tables, as if it had never held others. Aborts if it
/// cannot.
void rewrite_log(const std::filesystem::path& dir, const LogRows& rows);

/// Renumbers the events from 1 through all commits, and gives them the times of their commits.
void number_anew(std::vector<Commit>& commits);
/// Makes every commit, starting with this one, name the hash of the commit before it.
void chain_anew(std::vector<Commit>& commits, std::size_t from);

}  // namespace stockfold
