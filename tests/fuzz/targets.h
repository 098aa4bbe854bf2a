// What is fuzzed. Each target takes any bytes whatever, gives them to one of the product's readers, and holds
// it to what its header promises of them. libFuzzer calls it with bytes that it makes up, the tests with
// those that are kept in corpus/ and regressions/.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stockfold {

/// What was promised and not kept.
class BrokenPromise : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws BrokenPromise where it does not hold.
inline void require(bool holds, std::string_view promise) {
  if (!holds) throw BrokenPromise(std::string(promise));
}

// Always 0, as libFuzzer wants it. One thread.
int fuzz_frame(const std::uint8_t* data, std::size_t size);     ///< A stream of frames.
int fuzz_protocol(const std::uint8_t* data, std::size_t size);  ///< The payload of one frame.
int fuzz_http(const std::uint8_t* data, std::size_t size);      ///< What an HTTP connection sends.
int fuzz_request(const std::uint8_t* data, std::size_t size);   ///< The same, up to what it asks for.
int fuzz_event(const std::uint8_t* data, std::size_t size);     ///< An event of the log.
int fuzz_commit(const std::uint8_t* data, std::size_t size);    ///< A record of the log.
int fuzz_rows(const std::uint8_t* data, std::size_t size);      ///< What views keep, the ledger record.
int fuzz_head(const std::uint8_t* data, std::size_t size);      ///< A signed head, the key that signs heads.
int fuzz_wal(const std::uint8_t* data, std::size_t size);  ///< The search for commits in a write-ahead file.
int fuzz_store(const std::uint8_t* data, std::size_t size);   ///< The directory of a store.
int fuzz_import(const std::uint8_t* data, std::size_t size);  ///< An exported log.
int fuzz_text(const std::uint8_t* data, std::size_t size);    ///< Arguments of the program, CSV.
int fuzz_config(const std::uint8_t* data, std::size_t size);  ///< A file of settings, sizes.
int fuzz_token(const std::uint8_t* data, std::size_t size);   ///< The file of tokens, a token.
int fuzz_backup(const std::uint8_t* data, std::size_t size);  ///< A directory of backups.

struct FuzzTarget {
  std::string_view name;  ///< That of its file here, and of its directory in corpus/.
  int (*run)(const std::uint8_t* data, std::size_t size);
};
inline constexpr std::array kFuzzTargets = {
    FuzzTarget{"frame", fuzz_frame},     FuzzTarget{"protocol", fuzz_protocol},
    FuzzTarget{"http", fuzz_http},       FuzzTarget{"event", fuzz_event},
    FuzzTarget{"commit", fuzz_commit},   FuzzTarget{"rows", fuzz_rows},
    FuzzTarget{"head", fuzz_head},       FuzzTarget{"wal", fuzz_wal},
    FuzzTarget{"store", fuzz_store},     FuzzTarget{"import", fuzz_import},
    FuzzTarget{"text", fuzz_text},       FuzzTarget{"config", fuzz_config},
    FuzzTarget{"token", fuzz_token},     FuzzTarget{"backup", fuzz_backup},
    FuzzTarget{"request", fuzz_request},
};

}  // namespace stockfold
