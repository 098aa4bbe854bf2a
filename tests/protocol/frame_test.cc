#include "protocol/frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace stockfold {
namespace {

std::string framed(std::string_view payload) {
  std::string out;
  append_frame(payload, out);
  return out;
}

std::string header(std::uint32_t size) {
  std::string out;
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(size >> (8 * i)));
  return out + std::string(4, '\0');
}

rc::Gen<std::string> payloads() { return rc::gen::nonEmpty(rc::gen::arbitrary<std::string>()); }

TEST(Frame, ConsistsOfLengthChecksumAndPayload) {
  // 0xCBF43926 is the check value of this CRC-32 that every description of it gives.
  EXPECT_EQ(framed("123456789"), std::string("\x09\x00\x00\x00\x26\x39\xF4\xCB"
                                             "123456789",
                                             17));
}

TEST(Frame, HasSameBytesWhenBuiltInPlace) {
  std::string out = "before";
  const std::size_t start = begin_frame(out);
  out += "payload";
  end_frame(out, start);
  EXPECT_EQ(out, "before" + framed("payload"));
}

RC_GTEST_PROP(Frame, SequenceIsDecodedInOrder, ()) {
  const auto sent = *rc::gen::container<std::vector<std::string>>(payloads());
  std::string stream;
  for (const auto& payload : sent) append_frame(payload, stream);

  std::string_view rest = stream;
  for (const auto& payload : sent) {
    const auto taken = take_frame(rest);
    RC_ASSERT((taken.has_value() && taken->has_value()));
    RC_ASSERT(**taken == payload);
  }
  RC_ASSERT(rest.empty());
}

RC_GTEST_PROP(Frame, WaitsForMoreBytesWhenTruncated, ()) {
  const std::string whole = framed(*payloads());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string_view rest = std::string_view(whole).substr(0, size);
    const auto taken = take_frame(rest);
    RC_ASSERT((taken.has_value() && !taken->has_value()));
    RC_ASSERT(rest.size() == size);
  }
}

RC_GTEST_PROP(Frame, IsNeverAcceptedWithOneBitFlipped, ()) {
  std::string damaged = framed(*payloads());
  const auto bit = *rc::gen::inRange<std::size_t>(0, damaged.size() * 8);
  damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
  std::string_view rest = damaged;
  const auto taken = take_frame(rest);
  RC_ASSERT((!taken.has_value() || !taken->has_value()));
}

TEST(Frame, IsRefusedWhenEmpty) {
  const std::string bytes = header(0);
  std::string_view rest = bytes;
  EXPECT_EQ(take_frame(rest), std::unexpected(FrameError::empty));
}

TEST(Frame, IsRefusedByHeaderWhenTooLarge) {
  const std::string bytes = header(kMaxFrameBytes + 1);
  std::string_view rest = bytes;
  EXPECT_EQ(take_frame(rest), std::unexpected(FrameError::too_large));
}

TEST(Frame, IsAcceptedAtMaximumSize) {
  const std::string payload(kMaxFrameBytes, 'x');
  const std::string bytes = framed(payload);
  std::string_view rest = bytes;
  const auto taken = take_frame(rest);
  ASSERT_TRUE(taken.has_value() && taken->has_value());
  EXPECT_EQ(**taken, payload);
}

TEST(Frame, ErrorsHaveNames) {
  EXPECT_EQ(name_of(FrameError::empty), "an empty frame");
  EXPECT_EQ(name_of(FrameError::too_large), "a frame that is too large");
  EXPECT_EQ(name_of(FrameError::bad_checksum), "a frame whose checksum is wrong");
}

}  // namespace
}  // namespace stockfold
