#include "server/http/page/page.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "storage/codec/sha256.h"

// The assembler puts the file between two labels; CMakeLists.txt names the file's folder.
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
STOCKFOLD_EMBED(page_live, "page/live.js")
STOCKFOLD_EMBED(page_past, "page/past.js")
STOCKFOLD_EMBED(page_shared, "page/shared.js")
STOCKFOLD_EMBED(page_stream, "page/stream.js")
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
  constexpr std::size_t kBytes = 8;  // enough to distinguish versions of a file
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
};

NamedFile file(std::string_view name, std::string_view type, std::string_view bytes) {
  return {name, {type, bytes, etag_of(bytes)}};
}

}  // namespace

const PageFile* page_file(std::string_view name) {
  static const std::array files = {
      file("index.html", kHtml, page_index()),    file("page.css", kStyle, page_style()),
      file("page.js", kScript, page_main()),      file("api.js", kScript, page_api()),
      file("charts.js", kScript, page_charts()),  file("commands.js", kScript, page_commands()),
      file("detail.js", kScript, page_detail()),  file("feed.js", kScript, page_feed()),
      file("health.js", kScript, page_health()),  file("lists.js", kScript, page_lists()),
      file("past.js", kScript, page_past()),      file("elements.js", kScript, page_elements()),
      file("live.js", kScript, page_live()),      file("shared.js", kScript, page_shared()),
      file("stream.js", kScript, page_stream()),  file("chart.js", kScript, chart_library()),
      file("openapi.json", kJson, description()),
  };
  const auto found = std::ranges::find(files, name, &NamedFile::name);
  return found == files.end() ? nullptr : &found->file;
}

}  // namespace stockfold
