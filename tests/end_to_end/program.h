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

/// Runs `stockfold ARGUMENTS` to its end. Its stderr goes to `errors` if that names a file; otherwise it is
/// dropped.
ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& errors = "/dev/null");

/// A `stockfold ARGUMENTS` process whose output is dropped. It is killed at the end if it still runs.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  /// kill -9; does nothing if the process has ended.
  void kill();

 private:
  int pid_ = -1;
};

/// A `stockfold serve` process. It is killed at the end if it still runs.
class ServedLedger {
 public:
  /// Starts it on `data` and waits for its ready line. Port 0 picks a free port. `options`: further options.
  /// Throws, with the exit code, if the ledger does not get ready. Its output is in `serve.log` next to
  /// `data`.
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
  /// SIGSTOP: the process keeps its connections and does nothing, until resume().
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
