#include "tools/settings/service_notice.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace stockfold {

std::expected<void, std::string> tell_service(std::string_view state) {
  const char* named = std::getenv("NOTIFY_SOCKET");
  if (named == nullptr || *named == '\0') return {};
  const std::string_view name(named);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool known = name.starts_with('/') || name.starts_with('@');
  if (!known || name.size() >= sizeof address.sun_path) {
    return std::unexpected("NOTIFY_SOCKET is no socket: " + std::string(name));
  }
  name.copy(address.sun_path, name.size());
  if (name.starts_with('@')) address.sun_path[0] = '\0';  // an abstract socket of Linux, without a file
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const ssize_t sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), size);
  const int error = errno;
  if (socket >= 0) ::close(socket);
  if (sent >= 0) return {};
  return std::unexpected(std::string(name) + ": " + std::strerror(error));
}

}  // namespace stockfold
