#include "hostile/program/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace stockfold {
namespace {

std::uint64_t mebibytes(std::uint64_t bytes) { return bytes >> 20U; }

/// In quotes, without characters that JSON would have to escape.
std::string quoted(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; }, '.');
  return '"' + text + '"';
}

std::string list_of(const std::vector<std::string>& broken) {
  std::string text = "[";
  for (const std::string& what : broken) text += (text.size() > 1 ? "," : "") + quoted(what);
  return text + "]";
}

std::string lines_of(const std::vector<std::string>& broken) {
  std::string text;
  for (const std::string& what : broken) text += "    broken: " + what + '\n';
  return text;
}

std::string honest_json(std::string_view when, const HonestFigures& honest) {
  return fmt::format(R"("{0}_per_s":{1:.0f},"{0}_p99_ms":{2:.2f},"{0}_least":{3:.2f},"{0}_most":{4:.2f})",
                     when, honest.ops_per_s, honest.p99_ms, honest.spread.least, honest.spread.most);
}

std::vector<std::string> broken_of(const FaultResult& result) {
  std::vector<std::string> broken = result.broken;
  if (!result.tally.broken.empty()) broken.push_back(result.tally.broken);
  return broken;
}

}  // namespace

std::string siege_header(Format format) {
  if (format == Format::json) return {};
  return fmt::format(
      "{:<16}{:>8}{:>10} |{:>9}{:>9}{:>7}{:>5}{:>7}{:>9} |{:>8}{:>8} |{:>8}{:>7}{:>7} |{:>8}\n", "siege",
      "crowd", "connects", "alone/s", "during/s", "kept", "of", "least", "after/s", "p99 ms", "during", "MiB",
      "peak", "after", "gone s");
}

std::string text_of(std::string_view name, const SiegeResult& result, Format format) {
  if (format == Format::json) {
    return fmt::format(
        R"({{"siege":"{}","connections":{},"connects":{},"turned_out":{},"runs":{},{},{},{},"memory_before":{},)"
        R"("memory_peak":{},"memory_after":{},"memory_bound":{},"let_go_s":{:.2f},"broken":{}}})"
        "\n",
        name, result.connections, result.connects, result.turned_out, result.runs,
        honest_json("before", result.before), honest_json("during", result.during),
        honest_json("after", result.after), result.memory_before, result.memory_peak, result.memory_after,
        result.memory_bound, result.let_go_s, list_of(result.broken));
  }
  return fmt::format(
             "{:<16}{:>8}{:>10} |{:>9.0f}{:>9.0f}{:>6.0f}%{:>5}{:>6.0f}%{:>9.0f} |{:>8.2f}{:>8.2f} "
             "|{:>8}{:>7}{:>7} "
             "|{:>8.1f}\n",
             name, result.connections, result.connects, result.before.ops_per_s, result.during.ops_per_s,
             result.share() * 100, result.runs, result.during.spread.least * 100, result.after.ops_per_s,
             result.before.p99_ms, result.during.p99_ms, mebibytes(result.memory_before),
             mebibytes(result.memory_peak), mebibytes(result.memory_after), result.let_go_s) +
         lines_of(result.broken);
}

std::string overload_header(Format format) {
  if (format == Format::json) return {};
  return fmt::format("{:<16}{:>10}{:>12}{:>12}{:>7}{:>5}{:>12}{:>12}{:>8}{:>8}{:>10}{:>10}{:>10}\n",
                     "overload", "peak/s", "offered/s", "answered/s", "share", "of", "refused/s",
                     "processors", "least", "most", "p99 ms", "max ms", "bound ms");
}

std::string text_of(std::string_view name, const OverloadResult& result, Format format) {
  if (format == Format::json) {
    return fmt::format(
        R"({{"overload":"{}","peak_per_s":{:.0f},"offered_per_s":{:.0f},"answered_per_s":{:.0f},"share":{:.3f},"runs":{},)"
        R"("refused_per_s":{:.0f},"peak_processors":{:.2f},"processors":{:.2f},"least":{:.2f},"most":{:.2f},"p99_ms":{:.1f},"max_ms":{:.1f},"bound_ms":{:.1f},"broken":{}}})"
        "\n",
        name, result.peak_per_s, result.offered_per_s, result.answered_per_s, result.share(), result.runs,
        result.refused_per_s, result.peak_processors, result.processors, result.spread.least,
        result.spread.most, result.p99_ms, result.max_ms, result.bound_ms, list_of(result.broken));
  }
  return fmt::format(
             "{:<16}{:>10.0f}{:>12.0f}{:>12.0f}{:>6.0f}%{:>5}{:>12.0f}{:>12}{:>7.0f}%{:>7.0f}%"
             "{:>10.1f}{:>10.1f}{:>10.1f}\n",
             name, result.peak_per_s, result.offered_per_s, result.answered_per_s, result.share() * 100,
             result.runs, result.refused_per_s,
             fmt::format("{:.2f} {:.2f}", result.peak_processors, result.processors),
             result.spread.least * 100, result.spread.most * 100, result.p99_ms, result.max_ms,
             result.bound_ms) +
         lines_of(result.broken);
}

std::string fault_header(Format format) {
  if (format == Format::json) return {};
  return fmt::format("{:<16}{:>8}{:>12}{:>14}{:>10}{:>8}{:>8}{:>9}{:>10}{:>18}\n", "fault", "times", "sent",
                     "acknowledged", "unknown", "lost", "twice", "changed", "invented", "slowest_s");
}

std::string text_of(std::string_view name, const FaultResult& result, Format format) {
  const CrashTally& tally = result.tally;
  if (format == Format::json) {
    return fmt::format(
        R"({{"fault":"{}","times":{},"sent":{},"acknowledged":{},"unknown":{},"lost":{},"twice":{},)"
        R"("changed":{},"invented":{},"commits":{},"slowest_restart_s":{:.3f},"broken":{}}})"
        "\n",
        name, result.faults, tally.sent, tally.acknowledged, tally.unknown, tally.lost, tally.twice,
        tally.changed, tally.invented, tally.commits, result.slowest_restart_s, list_of(broken_of(result)));
  }
  return fmt::format("{:<16}{:>8}{:>12}{:>14}{:>10}{:>8}{:>8}{:>9}{:>10}{:>18.3f}\n", name, result.faults,
                     tally.sent, tally.acknowledged, tally.unknown, tally.lost, tally.twice, tally.changed,
                     tally.invented, result.slowest_restart_s) +
         lines_of(broken_of(result));
}

}  // namespace stockfold
