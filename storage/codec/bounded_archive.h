// The only Cereal archive of this project: over bytes in memory, compact, and bounded. Its input may be
// hostile. It never reads past its span, and no announced length makes it allocate more than kMaxSize
// elements ahead of their bytes. Only .cc files include this header.
//
// Coding: whole numbers are LEB128 (7 bits a byte, least significant first, no needless bytes). A boolean is
// one byte, 0 or 1. A string or sequence is its size and its elements. An optional is a byte (1: empty) and
// its value.
#pragma once

#include <array>
#include <cassert>
#include <cereal/cereal.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace stockfold {

/// The most bytes of a string, or elements of a sequence, that is stored or sent.
inline constexpr std::size_t kMaxSize = 1'024;

/// The most bytes of a whole number.
inline constexpr std::size_t kMaxNumberBytes = 10;

inline void append_number(std::string& out, std::uint64_t number) {
  std::array<char, kMaxNumberBytes> bytes;
  std::size_t size = 0;
  for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
  bytes[size++] = static_cast<char>(number);
  out.append(bytes.data(), size);
}

/// Appends to a string. A caller that encodes many messages keeps one archive and gives it one string after
/// the other: Cereal's base class holds tables, unused here, that take longer to make than a message to
/// encode.
class BoundedOutput : public cereal::OutputArchive<BoundedOutput, cereal::AllowEmptyClassElision> {
 public:
  BoundedOutput() : OutputArchive(this) {}
  explicit BoundedOutput(std::string& out) : OutputArchive(this), out_(&out) {}

  BoundedOutput& write_to(std::string& out) {
    out_ = &out;
    return *this;
  }

  /// Whether nested values of the domain have the fields of version 2. False: their layout is that of version
  /// 1. It stays until it is set again.
  BoundedOutput& extend(bool extended) {
    extended_ = extended;
    return *this;
  }
  [[nodiscard]] bool extended() const { return extended_; }

  void put_number(std::uint64_t number) { append_number(*out_, number); }
  void put_text(std::string_view text) { out_->append(text); }
  void put_bytes(const void* bytes, std::size_t size) { out_->append(static_cast<const char*>(bytes), size); }

 private:
  std::string* out_ = nullptr;
  bool extended_ = false;
};

/// Reads from a span. It remembers the first error with the name of its field. From then on every read
/// returns zeros, so a decoder runs to its end and checks once. One archive may read many spans, one after
/// the other.
class BoundedInput : public cereal::InputArchive<BoundedInput, cereal::AllowEmptyClassElision> {
 public:
  BoundedInput() : InputArchive(this) {}
  explicit BoundedInput(std::string_view bytes) : InputArchive(this), rest_(bytes) {}

  /// Forgets the span before, and its error.
  BoundedInput& read_from(std::string_view bytes) {
    rest_ = bytes;
    field_ = "message";
    error_.clear();
    return *this;
  }

  /// Whether nested values of the domain have the fields of version 2, as in BoundedOutput.
  BoundedInput& extend(bool extended) {
    extended_ = extended;
    return *this;
  }
  [[nodiscard]] bool extended() const { return extended_; }

  /// From here on the number of a kind may be one of a later program, such as a rule that this one does not
  /// know.
  void take_later_kinds() { later_kinds_ = true; }
  [[nodiscard]] bool takes_later_kinds() const { return later_kinds_; }

  [[nodiscard]] bool ok() const { return error_.empty(); }
  /// "field: what is wrong with it".
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  /// Everything must have been read.
  void finish() {
    field_ = "message";
    if (ok() && !rest_.empty()) fail("bytes are left over");
  }

  void fail(std::string_view what) {
    if (ok()) error_.append(field_).append(": ").append(what);
    rest_ = {};
  }
  void enter(const char* field) { field_ = field; }

  std::uint64_t take_number(std::uint64_t max) {
    // Most numbers take one byte.
    if (!rest_.empty() && is_small(rest_.front(), max)) {
      const auto number = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      return number;
    }
    return take_any_number(max);
  }

  /// Returns exactly `size` bytes, or none after an error.
  std::string_view take_bytes(std::size_t size) {
    if (size > rest_.size()) {
      fail("cut short");
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

 private:
  static bool is_small(char byte, std::uint64_t max) {
    const auto number = static_cast<std::uint8_t>(byte);
    return number < 0x80 && number <= max;
  }

  std::uint64_t take_any_number(std::uint64_t max) {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::string_view one = take_bytes(1);
      if (one.empty()) return 0;
      const auto byte = static_cast<std::uint8_t>(one.front());
      const std::uint64_t bits = byte & 0x7FU;
      if (shift == 63 && bits > 1) break;
      number |= bits << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) break;  // a needless byte: this program writes none
        if (number <= max) return number;
        break;
      }
    }
    fail("a number out of its range");
    return 0;
  }

  std::string_view rest_;
  const char* field_ = "message";
  std::string error_;
  bool later_kinds_ = false;
  bool extended_ = false;
};

// ---- what Cereal requires of an archive
// -----------------------------------------------------------------------

template <class T>
  requires std::is_unsigned_v<T>
void CEREAL_SAVE_FUNCTION_NAME(BoundedOutput& archive, const T& number) {
  archive.put_number(number);
}
template <class T>
  requires std::is_unsigned_v<T>
void CEREAL_LOAD_FUNCTION_NAME(BoundedInput& archive, T& number) {
  number = static_cast<T>(archive.take_number(std::numeric_limits<T>::max()));
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(BoundedOutput& archive, const cereal::NameValuePair<T>& field) {
  archive(field.value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(BoundedInput& archive, cereal::NameValuePair<T>& field) {
  archive.enter(field.name);
  archive(field.value);
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(BoundedOutput& archive, const cereal::SizeTag<T>& size) {
  assert(size.size <= kMaxSize);
  archive.put_number(size.size);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(BoundedInput& archive, cereal::SizeTag<T>& size) {
  size.size = archive.take_number(kMaxSize);
  if (size.size <= archive.rest().size()) return;  // every element takes a byte at least
  archive.fail("cut short");
  size.size = 0;
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(BoundedOutput& archive, const cereal::BinaryData<T>& data) {
  archive.put_bytes(data.data, data.size);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(BoundedInput& archive, cereal::BinaryData<T>& data) {
  const std::string_view bytes = archive.take_bytes(data.size);
  if (!bytes.empty()) std::memcpy(data.data, bytes.data(), bytes.size());
}

}  // namespace stockfold

CEREAL_REGISTER_ARCHIVE(stockfold::BoundedOutput)
CEREAL_REGISTER_ARCHIVE(stockfold::BoundedInput)
CEREAL_SETUP_ARCHIVE_TRAITS(stockfold::BoundedInput, stockfold::BoundedOutput)
