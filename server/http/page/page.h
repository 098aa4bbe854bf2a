// The web page that shows a ledger. Its files are embedded in the program; docs/HTTP.md describes them.
#pragma once

#include <string>
#include <string_view>

namespace stockfold {

struct PageFile {
  std::string_view type;   ///< The value of Content-Type.
  std::string_view bytes;  ///< Static storage.
  std::string etag;        ///< In quotes; differs if the bytes differ.
};

/// Returns a file by its name, such as "page.js"; the page itself is "index.html". Null if there is no such
/// file. Safe from any thread.
[[nodiscard]] const PageFile* page_file(std::string_view name);

}  // namespace stockfold
