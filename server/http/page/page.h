// The page that shows a ledger in a browser. Its files are bytes of the program; what they do is
// docs/HTTP.md.
#pragma once

#include <string>
#include <string_view>

namespace stockfold {

struct PageFile {
  std::string_view type;   ///< As Content-Type names it.
  std::string_view bytes;  ///< Of static storage.
  std::string etag;        ///< In quotes: another one where the bytes are others.
};

/// A file by its name, "page.js"; the page itself is "index.html". Null where there is none. Any thread.
[[nodiscard]] const PageFile* page_file(std::string_view name);

}  // namespace stockfold
