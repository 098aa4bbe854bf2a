// One named message of every kind: the contents of the golden files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/messages.h"

namespace stockfold {

struct ExampleRequest {
  std::string name;
  RequestMessage message;
  std::uint32_t version = 1;  ///< Of the protocol.
};
struct ExampleReply {
  std::string name;
  ReplyMessage message;
  std::uint32_t version = 1;
};

std::vector<ExampleRequest> example_requests();
std::vector<ExampleReply> example_replies();

}  // namespace stockfold
