// One message of every kind, under a name: what the golden files hold.
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
