#pragma once

#include <curl/curl.h>

// Swift cannot call variadic functions: one function per type of value.

static inline CURLcode ganrm_curl_set_text(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ganrm_curl_set_number(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ganrm_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ganrm_curl_set_function(CURL *curl, CURLoption option,
                                               curl_write_callback value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode ganrm_curl_get_text(CURL *curl, CURLINFO info, const char **value) {
    return curl_easy_getinfo(curl, info, value);
}
