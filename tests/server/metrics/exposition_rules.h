// An independent reader of Prometheus' text format 0.0.4, written from its documentation.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

namespace stockfold {

/// A text that was checked against the format's rules; each broken rule is a failure of the test.
class ReadMetrics {
 public:
  explicit ReadMetrics(const std::string& text) {
    EXPECT_TRUE(text.ends_with('\n'));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# ")) {
        read_comment(line);
      } else {
        read_sample(line);
      }
    }
    check_histograms();
  }

  /// The value of a series, given by name and labels as in the text.
  [[nodiscard]] double value(const std::string& series) const {
    const auto found = samples_.find(series);
    EXPECT_NE(found, samples_.end()) << series << " is missing";
    return found == samples_.end() ? 0 : found->second;
  }
  [[nodiscard]] bool has(const std::string& series) const { return samples_.contains(series); }
  /// All series, by name and labels.
  [[nodiscard]] std::set<std::string> series() const {
    std::set<std::string> names;
    for (const auto& [name, value] : samples_) names.insert(name);
    return names;
  }
  /// Names of the families with their types.
  [[nodiscard]] const std::map<std::string, std::string>& types() const { return types_; }

 private:
  void read_comment(const std::string& line) {
    static const std::regex form("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
    std::smatch part;
    ASSERT_TRUE(std::regex_match(line, part, form)) << line;
    if (part[1] == "HELP") {
      EXPECT_TRUE(helps_.insert(part[2]).second) << "a second " << line;
    } else {
      EXPECT_TRUE(types_.emplace(part[2], part[3]).second) << "a second " << line;
      EXPECT_TRUE(part[3] == "counter" || part[3] == "gauge" || part[3] == "histogram") << line;
      EXPECT_EQ(part[3] == "counter", part[2].str().ends_with("_total")) << line;
      family_ = part[2];
    }
  }

  void read_sample(const std::string& line) {
    static const std::string label = R"([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*")";
    static const std::regex form("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{" + label + "(?:," + label +
                                 ")*\\})? (\\S+)");
    std::smatch part;
    ASSERT_TRUE(std::regex_match(line, part, form)) << line;
    const std::string suffix = part[1].str().substr(std::min(part[1].str().size(), family_.size()));
    const bool is_histogram = types_[family_] == "histogram";
    EXPECT_TRUE(part[1].str().starts_with(family_) && helps_.contains(family_)) << line;
    EXPECT_TRUE(is_histogram ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count" : suffix.empty())
        << line;
    const auto [at, is_new] = samples_.emplace(part[1].str() + part[2].str(), std::stod(part[3]));
    EXPECT_TRUE(is_new) << "a second " << line;
    if (is_histogram) read_histogram(part[1], part[2], at->second);
  }

  /// The buckets of each series ascend, in bounds and counts, and the last one counts all values.
  void read_histogram(const std::string& name, std::string labels, double value) {
    static const std::regex bound(R"re([,{]le="([^"]+)"\})re");
    std::smatch part;
    if (!std::regex_search(labels, part, bound)) {
      if (name.ends_with("_count")) counts_[family_ + labels] = value;
      return;
    }
    const double le = part[1] == "+Inf" ? std::numeric_limits<double>::infinity() : std::stod(part[1]);
    labels.erase(static_cast<std::size_t>(part.position()));
    if (!labels.empty()) labels += '}';
    auto& last = buckets_[family_ + labels];
    EXPECT_GT(le, last.first) << family_;
    EXPECT_GE(value, last.second) << family_;
    last = {le, value};
  }

  void check_histograms() const {
    for (const auto& [series, last] : buckets_) {
      EXPECT_EQ(last.first, std::numeric_limits<double>::infinity()) << series;
      const auto count = counts_.find(series);
      ASSERT_NE(count, counts_.end()) << series;
      EXPECT_EQ(last.second, count->second) << series;
    }
  }

  std::string family_;
  std::set<std::string> helps_;
  std::map<std::string, std::string> types_;
  std::map<std::string, double> samples_;
  std::map<std::string, std::pair<double, double>> buckets_;
  std::map<std::string, double> counts_;
};

}  // namespace stockfold
