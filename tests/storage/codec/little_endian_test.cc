#include "storage/codec/little_endian.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace stockfold {
namespace {

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof(Number), '\0');
  put_little_endian(number, bytes.data());
  return bytes;
}

TEST(LittleEndian, WritesTheLowestByteFirst) {
  EXPECT_EQ(bytes_of(std::uint16_t{0x0201}), "\x01\x02");
  EXPECT_EQ(bytes_of(std::uint32_t{0x04030201}), "\x01\x02\x03\x04");
  EXPECT_EQ(bytes_of(std::uint64_t{0x0807060504030201}), "\x01\x02\x03\x04\x05\x06\x07\x08");
}

TEST(LittleEndian, ReadsWhatItWrote) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256},
                                     std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(get_little_endian<std::uint64_t>(bytes_of(number) + "more"), number);
  }
}

}  // namespace
}  // namespace stockfold
