// Without _GNU_SOURCE: there strerror_r is another function.
#define _POSIX_C_SOURCE 200809L
#include <string.h>

#include "outcry_system.h"

int outcry_error_text(int code, char *text, size_t size) { return strerror_r(code, text, size); }
