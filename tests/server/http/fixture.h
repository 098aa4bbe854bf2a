// A server, and an HTTP connection to it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "server/http/wire.h"
#include "server/running_server.h"

namespace stockfold {

class Http : public testing::Test {
 protected:
  explicit Http(ServerOptions options = {}) : server_(std::move(options)), wire_(port()) {}

  [[nodiscard]] std::uint16_t port() { return (*server_).http_endpoint().port(); }
  std::string life() {
    return std::string(boost::json::parse(wire_.get("/head/").body).at("life").as_string());
  }
  void given_product(const std::string& sku, int stock) {
    const auto made = wire_.ask("POST", "/product/", "sku=" + sku + "&stock=" + std::to_string(stock));
    EXPECT_EQ(made.status, 201) << made.body;
  }

  RunningServer server_;
  HttpWire wire_;
};

}  // namespace stockfold
