#include "mutations/program/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace stockfold {
namespace {

constexpr std::array kColumns = {Verdict::found,    Verdict::refused, Verdict::cut_tail, Verdict::kept_head,
                                 Verdict::harmless, Verdict::missed,  Verdict::crashed};

using Counts = std::map<Verdict, std::size_t>;

std::size_t count(const Counts& counts, Verdict verdict) {
  const auto found = counts.find(verdict);
  return found == counts.end() ? 0 : found->second;
}

std::size_t sum(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0},
                         [](std::size_t total, const auto& entry) { return total + entry.second; });
}

bool is_wrong(const Judgement& judgement) {
  return judgement.verdict == Verdict::missed || judgement.verdict == Verdict::crashed;
}

std::string line_of(std::string_view target, std::string_view harm, const Counts& counts) {
  std::string line = fmt::format("{:<26} {:<34} {:>7}", target, harm, sum(counts));
  for (const Verdict verdict : kColumns) {
    const std::size_t of_it = count(counts, verdict);
    line += of_it == 0 ? fmt::format(" {:>9}", "-") : fmt::format(" {:>9}", of_it);
  }
  return line + '\n';
}

/// On one line, without characters that JSON would have to escape.
std::string plain(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; }, '.');
  return text;
}

}  // namespace

bool is_good(std::span<const Judgement> judgements) { return std::ranges::none_of(judgements, is_wrong); }

std::string table_of(std::span<const Trial> trials, std::span<const Judgement> judgements) {
  std::string text = fmt::format("{:<26} {:<34} {:>7}", "what", "how", "tried");
  for (const Verdict verdict : kColumns) text += fmt::format(" {:>9}", name_of(verdict));
  text += '\n';
  Counts all;
  for (const auto& [what, counts] : tally(trials, judgements)) {
    text += line_of(what.first, what.second, counts);
    for (const auto& [verdict, times] : counts) all[verdict] += times;
  }
  text += line_of("all", "", all);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!is_wrong(judgements[i])) continue;
    text +=
        fmt::format("{}: {}: {}\n", name_of(judgements[i].verdict), trials[i].text, plain(judgements[i].why));
  }
  return text;
}

std::string json_of(std::span<const Trial> trials, std::span<const Judgement> judgements) {
  std::string text;
  for (const auto& [what, counts] : tally(trials, judgements)) {
    text += fmt::format(R"({{"what":"{}","how":"{}","tried":{})", what.first, what.second, sum(counts));
    for (const Verdict verdict : kColumns) {
      std::string name(name_of(verdict));
      std::ranges::transform(name, name.begin(), [](char c) {
        return c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? char(c + 32) : c;
      });
      text += fmt::format(R"(,"{}":{})", name, count(counts, verdict));
    }
    text += "}\n";
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!is_wrong(judgements[i])) continue;
    text +=
        fmt::format("{{\"wrong\":\"{}\",\"why\":\"{}\"}}\n", plain(trials[i].text), plain(judgements[i].why));
  }
  return text;
}

}  // namespace stockfold
