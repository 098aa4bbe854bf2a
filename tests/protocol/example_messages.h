// One named message of every kind: the contents of the golden files.
#pragma once

#include <string>
#include <vector>

#include "protocol/messages.h"

namespace stockfold {

struct ExampleRequest {
  std::string name;
  RequestMessage message;
};
struct ExampleReply {
  std::string name;
  ReplyMessage message;
};

std::vector<ExampleRequest> example_requests();
std::vector<ExampleReply> example_replies();

}  // namespace stockfold
