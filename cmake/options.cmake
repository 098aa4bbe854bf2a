# What every target is compiled with.
add_library(stockfold_options INTERFACE)
add_library(stockfold::options ALIAS stockfold_options)
set_target_properties(stockfold_options PROPERTIES EXPORT_NAME options)

target_compile_features(stockfold_options INTERFACE cxx_std_23)
target_include_directories(stockfold_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                       $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_options(stockfold_options INTERFACE
  $<BUILD_INTERFACE:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Wno-missing-field-initializers>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of its own std::string, "a" + std::string("b"), when it optimizes (GCC bug 105651), and of frames of
  # coroutines, of which it inlines the one operator and not the other.
  target_compile_options(stockfold_options INTERFACE $<BUILD_INTERFACE:-Wno-restrict -Wno-mismatched-new-delete>)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Types with members of unnamed namespaces are right in a source and wrong in a header. Sources that are
  # compiled as one are included, so GCC takes them for headers.
  target_compile_options(stockfold_options INTERFACE $<BUILD_INTERFACE:-Wno-subobject-linkage>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The C++ library's own std::stable_sort uses what it has deprecated.
  target_compile_options(stockfold_options INTERFACE $<BUILD_INTERFACE:-Wno-deprecated-declarations>)
endif()
if(STOCKFOLD_WERROR)
  target_compile_options(stockfold_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()

# The standard library's own assertions: an index out of range, an empty optional that is read.
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(STOCKFOLD_SANITIZE)
  add_compile_options(-fsanitize=${STOCKFOLD_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${STOCKFOLD_SANITIZE})
  if(STOCKFOLD_SANITIZE MATCHES "undefined")
    # vptr needs type information of library classes that Debian's RocksDB is built without. A null pointer that
    # is used ends the program under the sanitizer of memory, too, and bytes are read by copying them: checks of
    # both before every access to a member would take a quarter of the time that compiling takes.
    add_compile_options(-fno-sanitize=vptr,null,alignment -fno-sanitize-recover=undefined)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # GCC's manual: with a sanitizer's checks between a value and its use, this warning finds what is not there.
      add_compile_options(-Wno-maybe-uninitialized)
    endif()
  endif()
  if(STOCKFOLD_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Boost.Asio has fences, which the sanitizer does not see; it also has locks
  endif()
endif()

find_program(STOCKFOLD_CCACHE ccache)
if(STOCKFOLD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STOCKFOLD_CCACHE})
endif()
find_program(STOCKFOLD_MOLD mold)
if(STOCKFOLD_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
