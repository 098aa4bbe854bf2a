// What systemd is told of this program, where it started it (Type=notify, sd_notify(3)).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace stockfold {

/// Sends "READY=1", "STOPPING=1" … to the socket that the environment names. Says why where that cannot be
/// done; done, too, where there is none, since nobody asked then.
std::expected<void, std::string> tell_service(std::string_view state);

}  // namespace stockfold
