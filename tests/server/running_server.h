// A server in this process, on its own store and a free port.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "server/server.h"
#include "server/tcp/wire.h"
#include "storage/rocksdb/engine.h"
#include "support/temporary_directory.h"

namespace stockfold {

class RunningServer {
 public:
  /// The engine must outlive it.
  explicit RunningServer(ServerOptions options = {}, const StorageEngine& storage = rocksdb_engine())
      : storage_(storage), options_(std::move(options)) {
    options_.data = directory_.path() / "data";
    options_.port = 0;
    options_.http_port = 0;
    start();
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  /// Accepts connections; what is sent over them waits until the server runs.
  void open() {
    auto opened = Server::open(storage_, options_, [](GlobalPosition, GlobalPosition) {});
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    server_ = std::move(*opened);
  }
  void run() {
    thread_ = std::thread([this] { ended_ = server_->run(); });
  }
  void start() {
    open();
    run();
  }

  /// Stops it gracefully, as SIGTERM does.
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
    EXPECT_TRUE(ended_.has_value()) << ended_.error().what;
    server_.reset();
  }

  /// A connection that has not sent its hello.
  [[nodiscard]] std::unique_ptr<Wire> connect_silently() const {
    return std::make_unique<Wire>(server_->endpoint());
  }
  [[nodiscard]] std::unique_ptr<Wire> connect() const {
    auto wire = connect_silently();
    wire->greet();
    return wire;
  }
  Server& operator*() { return *server_; }
  [[nodiscard]] std::filesystem::path data() const { return options_.data; }

 private:
  const StorageEngine& storage_;
  TemporaryDirectory directory_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  Result<void> ended_;
};

}  // namespace stockfold
