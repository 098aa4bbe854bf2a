// Writes the rows of a log over, as whoever has the files and this program's sources could.
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

/// The log in `dir` holds these rows and no others, in tables, as if it had never held others. Aborts where
/// it cannot.
void rewrite_log(const std::filesystem::path& dir, const LogRows& rows);

/// The events count on from 1 through all commits, and have the times of theirs.
void number_anew(std::vector<Commit>& commits);
/// Every commit from this one on names the hash of the one before it.
void chain_anew(std::vector<Commit>& commits, std::size_t from);

}  // namespace stockfold
