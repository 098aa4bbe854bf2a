// A store in the making whose log comes from elsewhere.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "core/fault.h"
#include "storage/engine/new_store.h"

namespace stockfold {

/// Makes the database of a log in a directory that is not there yet.
using MakeLog = std::function<Result<void>(const std::filesystem::path& log)>;

/// make_store(), with the log that `make_log` makes. Where that fails nothing is left.
Result<std::unique_ptr<NewStore>> make_store_of(const std::filesystem::path& dir, const MakeLog& make_log,
                                                const StoreOptions& options);

}  // namespace stockfold
