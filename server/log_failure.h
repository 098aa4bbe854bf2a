// Logs what a coroutine of the server threw.
#pragma once

#include <exception>
#include <string_view>

namespace stockfold {

/// A coroutine that ends by an exception has a bug, or found no memory. Logs the exception; null: nothing.
void log_failure(std::string_view what, const std::exception_ptr& failure);

}  // namespace stockfold
