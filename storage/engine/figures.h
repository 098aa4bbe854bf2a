// What a store measures of itself, by name: an engine has figures that no other engine has, so it names them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace stockfold {

enum class FigureType : std::uint8_t {
  counter,  ///< Only rises, from 0 when the store is opened.
  gauge     ///< As it is now.
};

/// One value of a figure, and what it is of.
struct FigureValue {
  std::vector<std::pair<std::string, std::string>> labels;  ///< Names and values.
  std::uint64_t value = 0;
};

/// A metric as Prometheus names it: a name that no other figure has, one line of help, its values.
struct NamedFigure {
  std::string name;
  std::string help;
  FigureType type = FigureType::gauge;
  std::vector<FigureValue> values;
};

struct StoreFigures {
  std::uint64_t log_bytes = 0;         ///< Of the log's files.
  std::uint64_t view_bytes = 0;        ///< Of the views' files.
  std::uint64_t free_bytes = 0;        ///< Left on the file system of the store.
  std::vector<NamedFigure> of_engine;  ///< What only this engine measures, in the order of its publication.
};

}  // namespace stockfold
