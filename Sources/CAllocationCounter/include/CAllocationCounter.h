/// Counts heap allocations of the whole process, for benchmarks.
///
/// Linking this target replaces malloc, calloc, realloc, free, posix_memalign and aligned_alloc by
/// wrappers around glibc's own (`__libc_malloc` and its kin), for the program and every shared
/// library in it, the Swift runtime included. While counting is off a wrapper costs one relaxed load.
///
/// Linux with glibc, dynamically linked (`-static-stdlib` is fine, a fully static executable is not:
/// glibc's malloc would be there twice). Under the address and thread sanitizers, which own malloc,
/// nothing is wrapped: `oc_alloc_available()` is then false and every count stays 0.
#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Switches counting on or off, for all threads. The counts are kept: take differences.
///
/// A call of another thread that is inside malloc at that moment may or may not be counted.
void oc_alloc_counting(bool on);

/// Allocations while counting was on, since the program started.
///
/// One each for a successful malloc, calloc, posix_memalign and aligned_alloc, and for a realloc that
/// returns a block, be it moved or grown in place.
uint64_t oc_alloc_count(void);

/// Blocks given back while counting was on, since the program started.
///
/// One each for a free of a block, and for a realloc that takes a block (so that allocations minus
/// frees is the change in live blocks). free(NULL) is none.
uint64_t oc_free_count(void);

/// Whether allocations are counted in this build at all: false under a sanitizer.
///
/// A benchmark that reports 0 allocations checks this first.
bool oc_alloc_available(void);

#ifdef __cplusplus
}
#endif

#endif
