// An operation of the description of the REST interface, and the request for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stockfold {

/// An operation of the description.
struct Operation {
  /// `named`: the path as docs/HTTP.md has it, "/order/{ID}/". The ledger accepts it with or without its last
  /// slash; descriptions have none.
  Operation(std::string_view named, std::string of)
      : path(named.size() > 1 && named.ends_with('/') ? named.substr(0, named.size() - 1) : named),
        method(std::move(of)) {}

  std::string path;    ///< As described: "/order/{ID}".
  std::string method;  ///< In lower case, as described.

  [[nodiscard]] std::string method_sent() const {
    std::string sent = method;
    std::ranges::transform(sent, sent.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    return sent;
  }
  /// The path with an id in place of the name in braces.
  [[nodiscard]] std::string target(const std::string& id) const {
    const std::size_t begin = path.find('{');
    if (begin == std::string::npos) return path;
    return path.substr(0, begin) + id + path.substr(path.find('}') + 1);
  }
  [[nodiscard]] std::string str() const { return method + " " + path; }
};

/// The lines of JSON Lines.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace stockfold
