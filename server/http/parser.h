// The parser of HTTP requests.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace stockfold {

/// Beast's parser, except that it ignores trailers. Beast adds them to the headers, where they could override
/// the method or bring keys, versions and tokens. RFC 9110, 6.5.1, forbids that.
class HttpParser : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 private:
  void on_field_impl(boost::beast::http::field name, boost::beast::string_view text,
                     boost::beast::string_view value, boost::beast::error_code& /*none*/) override {
    if (!is_header_done()) get().insert(name, text, value);
  }
};

}  // namespace stockfold
