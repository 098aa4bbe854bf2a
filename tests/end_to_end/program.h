// The program as users run it: real processes, real sockets, real signals.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace stockfold {

struct ProgramResult {
  int exit_code = -1;
  std::string out;  ///< What it wrote to stdout.
};

/// Runs `stockfold ARGUMENTS` to its end; its stderr goes to `errors` where that names a file, else nowhere.
ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& errors = "/dev/null");

/// A `stockfold ARGUMENTS` process, whose output goes nowhere. What is still running at the end is killed.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// kill -9; nothing where it has ended already.
  void kill();

 private:
  int pid_ = -1;
};

/// A `stockfold serve` process. What is still running at the end is killed.
class ServedLedger {
 public:
  /// Starts it on `data` and waits for its ready line. Port 0: a free one. `options`: further ones. Throws,
  /// with its exit code, where it does not get ready; what it says is in `serve.log` beside `data`.
  ServedLedger(const std::filesystem::path& data, std::uint16_t port = 0,
               const std::vector<std::string>& options = {});
  ~ServedLedger();
  ServedLedger(const ServedLedger&) = delete;
  ServedLedger& operator=(const ServedLedger&) = delete;

  [[nodiscard]] const std::string& ready_line() const { return ready_line_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] double seconds_to_ready() const { return seconds_to_ready_; }

  [[nodiscard]] int pid() const { return pid_; }

  /// kill -9.
  void kill();
  /// SIGSTOP: it holds its connections and does nothing, until resume().
  void pause() const;
  void resume() const;
  /// SIGTERM; returns its exit code.
  int terminate();
  /// SIGINT, as by Ctrl-C; returns its exit code.
  int interrupt();
  /// Waits until it ends by itself; returns its exit code.
  int wait();

 private:
  int pid_ = -1;
  int out_ = -1;
  std::string ready_line_;
  std::uint16_t port_ = 0;
  double seconds_to_ready_ = 0;
};

}  // namespace stockfold
