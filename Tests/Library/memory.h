// Memory of the process, to detect leaks per turn.
#pragma once

#include <malloc.h>
#include <stdio.h>

// Turns before the first measurement, in which library caches and the allocator reach their final size.
enum { WARM_UP_TURNS = 20, TURNS = 100 };

// Allowed growth over all turns: libdispatch keeps up to 1024 work items of 64 bytes per thread. A frame of
// these programs has 225 KiB, so that a leak of one frame per turn gives 22500 KiB.
static const long allowed_kib = 2048;

typedef struct Memory {
    long heap_kib, resident_kib;
} Memory;

static inline Memory measure(void) {
    struct mallinfo2 heap = mallinfo2();
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = -1;
    if (file) fclose(file);
    return (Memory){(long)((heap.uordblks + heap.hblkhd) / 1024), resident * 4};
}

// Whether memory has grown by less than the allowed amount.
static inline int has_stayed(const char *what, Memory before, Memory after) {
    long heap = after.heap_kib - before.heap_kib, resident = after.resident_kib - before.resident_kib;
    printf("%s: heap %+ld KiB, resident %+ld KiB\n", what, heap, resident);
    return heap < allowed_kib && resident < 4 * allowed_kib;
}
