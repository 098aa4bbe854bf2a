// Notifies systemd, if it started this program (Type=notify, sd_notify(3)).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace stockfold {

/// Sends "READY=1", "STOPPING=1" … to the socket that the environment names. The error says why that
/// failed. Without such a socket there is nothing to do, and that is no error.
std::expected<void, std::string> tell_service(std::string_view state);

}  // namespace stockfold
