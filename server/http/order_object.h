// An order as HTTP shows it: the shape of `--json`, and what a plain REST client looks for.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "core/command.h"
#include "core/state.h"

namespace stockfold {

/// `id`, `product` of a one-line order, `status`, `status_code`; then the fields of `rest`, and the lines.
[[nodiscard]] boost::json::object order_object(std::string_view id, const Lines& lines, OrderStatus status,
                                               boost::json::object rest);

}  // namespace stockfold
