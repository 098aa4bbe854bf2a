#include "tools/reports/rebuild_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <optional>

#include "tools/console/print.h"

namespace stockfold {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownBytes = 120;

std::uint64_t rate_of(const ReportedView& view) {
  return static_cast<std::uint64_t>(static_cast<double>(view.rebuilt.position.value()) /
                                    std::max(view.seconds, 0.001));
}

std::string live_text(const RebuiltView& view) {
  if (view.finding == RebuildFinding::same) return "same";
  return view.live ? to_hex(*view.live) : "-";
}

std::string row_text(const std::optional<std::string>& value) {
  return value ? '"' + printable(*value) + '"' : "no such row";
}

json::value value_or_null(const std::optional<std::string>& bytes) {
  return bytes ? json::value(printable(*bytes)) : json::value(nullptr);
}

/// What the table has no room for; may be empty.
std::string note_of(const RebuiltView& view) {
  switch (view.finding) {
    case RebuildFinding::same:
      return {};
    case RebuildFinding::nothing:
      return fmt::format("{}: nothing to compare, {}\n", view.view, view.reason);
    case RebuildFinding::differs:
      break;
  }
  if (!view.difference) {
    return fmt::format("{} could not be read and is replaced by the rebuilt view: {}\n", view.view,
                       view.reason);
  }
  return fmt::format(
      "{} differed and is replaced by the rebuilt view; the first row that differed:\n"
      "  key      \"{}\"\n"
      "  live     {}\n"
      "  rebuilt  {}\n",
      view.view, printable(view.difference->key), row_text(view.difference->live),
      row_text(view.difference->rebuilt));
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, kShownBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '\\') {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  if (bytes.size() > kShownBytes) text += fmt::format("... ({} bytes)", bytes.size());
  return text;
}

std::string text_of(std::span<const ReportedView> views) {
  if (views.empty()) return {};
  constexpr auto kRight = Table::Align::right;
  Table table({{"VIEW"},
               {"POSITION", kRight},
               {"ROWS", kRight},
               {"EVENTS/S", kRight},
               {"RESULT"},
               {"DIGEST"},
               {"LIVE DIGEST"}});
  std::string notes;
  for (const ReportedView& reported : views) {
    const RebuiltView& view = reported.rebuilt;
    table.add({view.view, fmt::to_string(view.position.value()), fmt::to_string(view.rows),
               fmt::to_string(rate_of(reported)), std::string(name_of(view.finding)), to_hex(view.digest),
               live_text(view)});
    notes += note_of(view);
  }
  return table.take() + notes;
}

std::string json_of(const ReportedView& reported) {
  const RebuiltView& view = reported.rebuilt;
  json::object object{{"view", view.view},
                      {"position", view.position.value()},
                      {"rows", view.rows},
                      {"events_per_s", rate_of(reported)},
                      {"result", name_of(view.finding)},
                      {"digest", to_hex(view.digest)},
                      {"live_digest", view.live ? json::value(to_hex(*view.live)) : json::value(nullptr)}};
  json::value first;
  if (view.difference) {
    first = {{"key", printable(view.difference->key)},
             {"live", value_or_null(view.difference->live)},
             {"rebuilt", value_or_null(view.difference->rebuilt)}};
  }
  object.emplace("first_difference", std::move(first));
  object.emplace("reason", view.reason.empty() ? json::value(nullptr) : json::value(view.reason));
  return json::serialize(object);
}

ExitCode exit_code_of(std::span<const ReportedView> views) {
  const auto differs = [](const ReportedView& view) {
    return view.rebuilt.finding == RebuildFinding::differs;
  };
  return std::ranges::any_of(views, differs) ? kUntrusted : kDone;
}

}  // namespace stockfold
