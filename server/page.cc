#include "server/page.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "storage/sha256.h"

// The assembler puts the file between two labels; server/CMakeLists.txt says where it is found.
#define STOCKFOLD_EMBED(label, file)                                                \
  asm(".pushsection .rodata\n"                                                      \
      ".global stockfold_" #label "\nstockfold_" #label ":\n.incbin \"" file        \
      "\"\n"                                                                        \
      ".global stockfold_" #label "_end\nstockfold_" #label                         \
      "_end:\n.byte 0\n"                                                            \
      ".popsection\n");                                                             \
  extern "C" const char stockfold_##label[];                                        \
  extern "C" const char stockfold_##label##_end[];                                  \
  namespace {                                                                       \
  std::string_view label() { return {stockfold_##label, stockfold_##label##_end}; } \
  }

STOCKFOLD_EMBED(page_index, "page/index.html")
STOCKFOLD_EMBED(page_style, "page/page.css")
STOCKFOLD_EMBED(page_main, "page/page.js")
STOCKFOLD_EMBED(page_api, "page/api.js")
STOCKFOLD_EMBED(page_charts, "page/charts.js")
STOCKFOLD_EMBED(page_commands, "page/commands.js")
STOCKFOLD_EMBED(page_detail, "page/detail.js")
STOCKFOLD_EMBED(page_feed, "page/feed.js")
STOCKFOLD_EMBED(page_health, "page/health.js")
STOCKFOLD_EMBED(page_lists, "page/lists.js")
STOCKFOLD_EMBED(page_past, "page/past.js")
STOCKFOLD_EMBED(page_elements, "page/elements.js")
STOCKFOLD_EMBED(description, "openapi.json")
STOCKFOLD_EMBED(chart_library, "chart.min.js")

namespace stockfold {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kStyle = "text/css; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";

std::string etag_of(std::string_view bytes) {
  constexpr std::size_t kBytes = 8;  // enough to tell versions of a file apart
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string tag = "\"";
  const Sha256Digest digest = sha256(bytes);
  for (const std::uint8_t byte : std::span(digest).first<kBytes>()) {
    tag += kDigits[byte >> 4U];
    tag += kDigits[byte & 0x0FU];
  }
  return tag + '"';
}

struct NamedFile {
  std::string_view name;
  PageFile file;

  NamedFile(std::string_view name_, std::string_view type, std::string_view bytes)
      : name(name_), file{type, bytes, etag_of(bytes)} {}
};

}  // namespace

const PageFile* page_file(std::string_view name) {
  static const std::array kFiles = {
      NamedFile{"index.html", kHtml, page_index()},    NamedFile{"page.css", kStyle, page_style()},
      NamedFile{"page.js", kScript, page_main()},      NamedFile{"api.js", kScript, page_api()},
      NamedFile{"charts.js", kScript, page_charts()},  NamedFile{"commands.js", kScript, page_commands()},
      NamedFile{"detail.js", kScript, page_detail()},  NamedFile{"feed.js", kScript, page_feed()},
      NamedFile{"health.js", kScript, page_health()},  NamedFile{"lists.js", kScript, page_lists()},
      NamedFile{"past.js", kScript, page_past()},      NamedFile{"elements.js", kScript, page_elements()},
      NamedFile{"chart.js", kScript, chart_library()}, NamedFile{"openapi.json", kJson, description()},
  };
  const auto found = std::ranges::find(kFiles, name, &NamedFile::name);
  return found == kFiles.end() ? nullptr : &found->file;
}

}  // namespace stockfold
