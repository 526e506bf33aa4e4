// Wrappers around glibc's allocator that count while switched on. See the header for what counts.
//
// The wrappers call `__libc_*`, which glibc exports for this purpose, and never dlsym: dlsym itself
// allocates. They touch nothing but three atomics, so they may run at any time: before main, inside
// the dynamic linker's start-up, in a signal handler that malloc itself would survive.
//
// Relaxed order suffices: a count is read by the thread that allocated, or after a join.
#include "CAllocationCounter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OC_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OC_SANITIZED 1
#endif

static atomic_bool counting;
static atomic_uint_fast64_t allocations;
static atomic_uint_fast64_t frees;

void oc_alloc_counting(bool on) { atomic_store_explicit(&counting, on, memory_order_relaxed); }
uint64_t oc_alloc_count(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }
uint64_t oc_free_count(void) { return atomic_load_explicit(&frees, memory_order_relaxed); }

#if defined(OC_SANITIZED) || !defined(__GLIBC__)

bool oc_alloc_available(void) { return false; }

#else

bool oc_alloc_available(void) { return true; }

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static inline void note(atomic_uint_fast64_t *count, const void *block) {
    if (block != NULL && atomic_load_explicit(&counting, memory_order_relaxed))
        atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    void *block = __libc_malloc(size);
    note(&allocations, block);
    return block;
}

void *calloc(size_t count, size_t size) {
    void *block = __libc_calloc(count, size);
    note(&allocations, block);
    return block;
}

void *realloc(void *block, size_t size) {
    void *moved = __libc_realloc(block, size);
    if (moved != NULL || size == 0) note(&frees, block);  // a failed realloc leaves the block alive
    note(&allocations, moved);
    return moved;
}

void free(void *block) {
    note(&frees, block);
    __libc_free(block);
}

void *aligned_alloc(size_t alignment, size_t size) {
    void *block = __libc_memalign(alignment, size);
    note(&allocations, block);
    return block;
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int before = errno;                                    // POSIX: the result tells, errno stays
    void *block = __libc_memalign(alignment, size);
    errno = before;
    if (block == NULL) return ENOMEM;
    note(&allocations, block);
    *out = block;
    return 0;
}

#endif
