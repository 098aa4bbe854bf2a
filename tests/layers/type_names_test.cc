#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "layers/rules.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TheTree, DefinesNoTypeNameTwice) {
  EXPECT_THAT(repeated_type_names(read_tree(STOCKFOLD_SOURCE_DIR)), IsEmpty());
}

/// Two files of production code.
Tree files(const std::string& one, const std::string& other) {
  return {{"core/one.cc", "namespace stockfold {\n" + one + "\n}\n"},
          {"core/other.cc", "namespace stockfold {\nnamespace {\n" + other + "\n}\n}\n"}};
}

TEST(TypeNames, DefinedInTwoFilesAreFound) {
  for (const std::string other :
       {"struct Row { int x; };", "class Row final : public Base<int> { int x; };", "enum class Row { a };",
        "template <class T> class Row { T t; };", "using Row = int;", "template <class T>\nusing Row = T;"}) {
    const auto repeated = repeated_type_names(files("struct Row { bool b = false; };", other));
    EXPECT_THAT(repeated, ElementsAre("Row: is defined in core/one.cc core/other.cc")) << other;
  }
}

TEST(TypeNames, DeclaredOnceMoreAreNoDefinitions) {
  for (const std::string other :
       {"class Row;", "struct Client::Row { int x; };", "template <> struct Row<int> { int x; };",
        "Row make() { return {}; }", "int of(const struct Row& row) { return row.x; }", "// struct Row { };",
        "const char* text = \"struct Row {\";", "auto text = R\"(struct Row {)\";", "using namespace Row;"}) {
    EXPECT_THAT(repeated_type_names(files("struct Row { int x; };", other)), IsEmpty()) << other;
  }
}

TEST(TypeNames, OfNestedTypesAreTheirClassesOwn) {
  EXPECT_THAT(repeated_type_names(files("class A { struct Options { int x; }; using Clock = int; };",
                                        "class B { struct Options { int x; }; using Clock = int; };")),
              IsEmpty());
  EXPECT_THAT(repeated_type_names(files("void f() { struct Local {}; }", "void g() { struct Local {}; }")),
              IsEmpty());
}

TEST(TypeNames, OfTestsAreTheirOwn) {
  EXPECT_THAT(repeated_type_names({{"core/row.h", "struct Row { int x; };"},
                                   {"tests/row_test.cc", "struct Row { int x; };"}}),
              IsEmpty());
}

}  // namespace
}  // namespace stockfold
