# stockfold_library(NAME SOURCES ... [PUBLIC ...] [PRIVATE ...]): the library of one folder, stockfold::NAME. PUBLIC is what its
# headers need, PRIVATE what its sources need besides.
function(stockfold_library name)
  cmake_parse_arguments(PARSE_ARGV 1 folder "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(stockfold_${name} STATIC ${folder_SOURCES})
  add_library(stockfold::${name} ALIAS stockfold_${name})
  target_link_libraries(stockfold_${name} PUBLIC stockfold::options ${folder_PUBLIC} PRIVATE ${folder_PRIVATE})
endfunction()
