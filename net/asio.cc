// Boost.Asio, compiled once for every target that uses it.
#include <boost/asio/impl/src.hpp>
