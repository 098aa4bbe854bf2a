// Writes Prometheus' text format, one family of series after the other.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/metrics/metrics.h"
#include "storage/engine/figures.h"

namespace stockfold {

/// Names and values of labels; a value may be any text.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Families are written whole: begin one, add its samples, begin the next.
class Exposition {
 public:
  void counter(std::string_view name, std::string_view help) { begin(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { begin(name, help, "gauge"); }
  void histogram(std::string_view name, std::string_view help) { begin(name, help, "histogram"); }

  /// Adds a sample to the family that was begun last.
  void add(std::uint64_t value, Labels labels = {});
  void add(double value, Labels labels = {});
  /// Adds a histogram to that family. Values are multiplied by `unit`.
  void add(const FixedHistogram& histogram, double unit, Labels labels = {});
  /// A whole family: what an engine measures and names itself.
  void add(const NamedFigure& figure);

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void begin(std::string_view name, std::string_view help, std::string_view type);
  void series(std::string_view suffix, const auto& labels, std::string_view bound = {});
  void end(std::uint64_t value);
  void end(double value);

  std::string text_;
  std::string_view name_;
};

}  // namespace stockfold
