// Requests in words: "place 3 A=1 B=1", "receive A 1", "abort 1 expecting 1".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/command.h"
#include "core/model.h"

namespace stockfold {

/// A verb of the model, the id of an order or product, units or lines, and `expecting N`. In a place or draft
/// without an id, the ledger assigns it.
Ask ask_of(std::string_view words);

struct Request {
  std::string words;
  std::uint8_t command_id = 0;  ///< 0: the request has none.
};
/// "abort 1 (id 7)".
std::string text_of(const Request& request);

/// The commands that were done before, in this order, and the concurrent requests.
struct World {
  std::vector<std::string> given;
  std::vector<Request> requests;
};

/// An admitted command, as the ledger takes it. The actor is the client's number.
Command command_of(const Request& request, std::size_t client);
/// The client of a recorded event; kNobody for events from before the requests.
inline constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
std::size_t client_of(std::string_view actor);

}  // namespace stockfold
