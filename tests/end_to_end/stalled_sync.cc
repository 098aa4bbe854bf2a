// Loaded before the program (LD_PRELOAD): its syncs stall while the file that STOCKFOLD_STALL names is there.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace {

constexpr useconds_t kLook = 5'000;

int sync_by(long call, int file) {
  const char* const stall = std::getenv("STOCKFOLD_STALL");
  while (stall != nullptr && access(stall, F_OK) == 0) usleep(kLook);
  return static_cast<int>(syscall(call, file));
}

}  // namespace

extern "C" int fdatasync(int file) { return sync_by(SYS_fdatasync, file); }
extern "C" int fsync(int file) { return sync_by(SYS_fsync, file); }
