#pragma once
#include <stddef.h>
#include <stdint.h>

// Pages of servers, as they lie in ../Pages: each one HTML text that needs nothing else.

typedef struct {
    const uint8_t *bytes;
    size_t count;
} outcry_page;

// The page of a SafetyNet.
outcry_page outcry_page_safetynet(void);
