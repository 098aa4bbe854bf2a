#include "server/metrics/exposition.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace stockfold {
namespace {

/// The shortest text that parses to the same number.
template <class Number>
std::string text_of(Number number) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), end};
}

void append_label(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append("=\"");
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') text += '\\';
    text += c;
  }
  text += '"';
}

}  // namespace

void Exposition::begin(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::add(std::uint64_t value, Labels labels) {
  series("", labels);
  end(value);
}

void Exposition::add(double value, Labels labels) {
  series("", labels);
  end(value);
}

void Exposition::add(const FixedHistogram& histogram, double unit, Labels labels) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    count += histogram.counts()[i];
    const bool last = i == histogram.bounds().size();
    series("_bucket", labels, last ? "+Inf" : text_of(static_cast<double>(histogram.bounds()[i]) * unit));
    end(count);
  }
  series("_sum", labels);
  end(static_cast<double>(histogram.sum()) * unit);
  series("_count", labels);
  end(count);
}

void Exposition::add(const NamedFigure& figure) {
  begin(figure.name, figure.help, figure.type == FigureType::counter ? "counter" : "gauge");
  for (const FigureValue& value : figure.values) {
    series("", value.labels);
    end(value.value);
  }
}

/// `bound`: the bucket's bound, which is the last label.
void Exposition::series(std::string_view suffix, const auto& labels, std::string_view bound) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const auto& [name, value] : labels) {
    text_ += std::exchange(before, ',');
    append_label(text_, name, value);
  }
  if (!bound.empty()) {
    text_ += std::exchange(before, ',');
    append_label(text_, "le", bound);
  }
  if (before == ',') text_ += '}';
  text_ += ' ';
}

void Exposition::end(std::uint64_t value) { text_.append(text_of(value)).append("\n"); }

void Exposition::end(double value) { text_.append(text_of(value)).append("\n"); }

}  // namespace stockfold
