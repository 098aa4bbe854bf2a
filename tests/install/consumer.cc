// A program that uses the installed client.
#include <stockfold/client.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <utility>

int main() {
  stockfold::ClientOptions options;
  options.port = 1;  // nothing listens there
  options.reconnects = 0;
  options.connect_timeout = std::chrono::milliseconds(200);
  const auto client = stockfold::Client::connect(std::move(options));
  const bool as_expected = !client && client.error().kind == stockfold::ClientErrorKind::unreachable;
  std::cout << (client ? "connected, though nothing listens" : client.error().what) << '\n';
  return as_expected ? EXIT_SUCCESS : EXIT_FAILURE;
}
