#include "end_to_end/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace stockfold {
namespace {

struct Child {
  int pid = -1;
  int out = -1;  ///< The read end of its stdout.
};

Child spawn(std::vector<std::string> arguments, const std::filesystem::path& errors) {
  arguments.insert(arguments.begin(), STOCKFOLD_PROGRAM);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  std::array<int, 2> out{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  const int pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    const int errors_fd = open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out[1], STDOUT_FILENO);
    dup2(errors_fd, STDERR_FILENO);
    execv(STOCKFOLD_PROGRAM, argv.data());
    _exit(127);
  }
  close(out[1]);
  return {pid, out[0]};
}

int wait_for(int pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments, const std::filesystem::path& errors) {
  const Child child = spawn(arguments, errors);
  ProgramResult result;
  std::array<char, 4'096> chunk{};
  for (ssize_t count = 0; (count = ::read(child.out, chunk.data(), chunk.size())) > 0;) {
    result.out.append(chunk.data(), static_cast<std::size_t>(count));
  }
  close(child.out);
  result.exit_code = wait_for(child.pid);
  return result;
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
  const Child child = spawn(arguments, "/dev/null");
  pid_ = child.pid;
  close(child.out);
}

RunningProgram::~RunningProgram() { kill(); }

void RunningProgram::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_);
  pid_ = -1;
}

ServedLedger::ServedLedger(const std::filesystem::path& data, std::uint16_t port,
                           const std::vector<std::string>& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto errors = data.parent_path() / "serve.log";
  std::vector<std::string> arguments{
      "serve",  "--data",     data.string(), "--listen", "127.0.0.1:" + std::to_string(port),
      "--http", "127.0.0.1:0"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Child child = spawn(arguments, errors);
  pid_ = child.pid;
  out_ = child.out;
  char c = 0;
  while (::read(out_, &c, 1) == 1 && c != '\n') ready_line_ += c;
  seconds_to_ready_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  constexpr std::string_view kAddress = "tcp=127.0.0.1:";
  const auto at = ready_line_.find(kAddress);
  if (at == std::string::npos) {
    throw std::runtime_error("serve ended with exit code " + std::to_string(wait()) + ": see " +
                             errors.string());
  }
  port_ = static_cast<std::uint16_t>(std::stoul(ready_line_.substr(at + kAddress.size())));
}

ServedLedger::~ServedLedger() {
  if (pid_ > 0) kill();
}

void ServedLedger::pause() const { ::kill(pid_, SIGSTOP); }

void ServedLedger::resume() const { ::kill(pid_, SIGCONT); }

void ServedLedger::kill() {
  ::kill(pid_, SIGKILL);
  wait();
}

int ServedLedger::terminate() {
  ::kill(pid_, SIGTERM);
  return wait();
}

int ServedLedger::interrupt() {
  ::kill(pid_, SIGINT);
  return wait();
}

int ServedLedger::wait() {
  const int exit_code = wait_for(pid_);
  close(out_);
  pid_ = -1;
  return exit_code;
}

}  // namespace stockfold
