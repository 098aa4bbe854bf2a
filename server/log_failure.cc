#include "server/log_failure.h"

#include <spdlog/spdlog.h>

namespace stockfold {

void log_failure(std::string_view what, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("{}: {}", what, error.what());
  }
}

}  // namespace stockfold
