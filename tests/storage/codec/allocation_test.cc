// Hostile bytes announce contents that they do not hold. Nothing is allocated for them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

#include "storage/codec/event_codec.h"
#include "storage/codec/state_codec.h"
#include "storage/log/commit_record.h"
#include "storage/samples.h"

namespace {

thread_local std::size_t largest_allocation = 0;

}  // namespace

#if defined(__GNUC__) && !defined(__clang__)
// GCC inlines only one of these two, and then reports a mismatch
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// Every allocation of this program goes through here.
void* operator new(std::size_t size, const std::nothrow_t& /*nothrow*/) noexcept {
  largest_allocation = std::max(largest_allocation, size);
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace stockfold {
namespace {

/// Bytes allocated while `act` runs.
template <class Act>
std::size_t largest_allocation_of(Act act) {
  largest_allocation = 0;
  act();
  return largest_allocation;
}

// For the text of a fault; the announced size is far more.
constexpr std::size_t kLittle = 1'000;

TEST(Decoding, AllocatesLittleForEventOfHugeClaimedSize) {
  const std::string bytes("\xFF\xFF\xFF\xFF\x0F\x02\x01\x00", 8);
  EXPECT_LT(largest_allocation_of([&] {
              std::string_view rest = bytes;
              EXPECT_FALSE(decode_event(rest, GlobalPosition(1), UnixMillis(0)));
            }),
            kLittle);
}

TEST(Decoding, AllocatesLittleForMissingLinesAndTexts) {
  const std::string lines(
      "\x08\x05\x01\x00\x01\x01"
      "1\xE8\x07",  // an order drafted with 1,000 lines
      9);
  const std::string name(
      "\x01"
      "\x80\x08",  // a product with a name of 1,024 bytes
      3);
  EXPECT_LT(largest_allocation_of([&] {
              std::string_view rest = lines;
              EXPECT_FALSE(decode_event(rest, GlobalPosition(1), UnixMillis(0)));
              EXPECT_FALSE(decode_product(name.substr(1)));
              EXPECT_FALSE(decode_order(lines.substr(4)));
            }),
            kLittle);
}

TEST(Decoding, AllocatesInProportionToBytesOfDamagedEvent) {
  for (const Sample& sample : samples()) {
    std::string bytes;
    encode_event(sample.recorded, bytes);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      EXPECT_LT(largest_allocation_of([&] {
                  std::string_view rest = damaged;
                  static_cast<void>(decode_event(rest, GlobalPosition(1), UnixMillis(0)));
                }),
                kLittle + sizeof(StockedLine) * bytes.size());
    }
  }
}

TEST(Decoding, AllocatesLittleForCommitOfManyClaimedEvents) {
  Commit commit = commit_after(GlobalPosition(0), 1);
  const std::string record = encode_commit(commit);
  EXPECT_LT(
      largest_allocation_of([&] { EXPECT_FALSE(decode_commit(record.substr(0, 72), GlobalPosition(1))); }),
      kLittle);
}

}  // namespace
}  // namespace stockfold
