# Every third party, from the system's packages. Which layer may use which is held by tests/layers.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(cereal REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(absl REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)

find_path(STOCKFOLD_TOML toml++/toml.h REQUIRED)  # libtomlplusplus-dev, of which the headers are enough
find_file(STOCKFOLD_CHART_JS chart.min.js PATHS /usr/share/javascript/chart.js REQUIRED)  # libjs-chart.js
