#include "projections/following/rebuilt_view.h"

namespace stockfold {

std::string_view name_of(RebuildFinding finding) {
  switch (finding) {
    case RebuildFinding::same:
      return "same";
    case RebuildFinding::differs:
      return "differs";
    case RebuildFinding::nothing:
      return "nothing to compare";
  }
  return "unknown";
}

}  // namespace stockfold
