// A visitor of a variant, written as one lambda for each alternative.
#pragma once

namespace stockfold {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

}  // namespace stockfold
