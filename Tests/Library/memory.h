// What the process holds, to see what a turn leaves behind.
#pragma once

#include <malloc.h>
#include <stdio.h>

// Turns before the first measurement: caches of libraries fill, and the allocator finds its size.
enum { WARM_UP_TURNS = 20, TURNS = 100 };

// Growth over all turns that is no leak: libdispatch keeps up to 1024 work items of 64 bytes per thread. One
// frame of these programs has 225 KiB, so a hundred that were lost are 22500.
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

// Whether it has grown by less than a leak would make it.
static inline int has_stayed(const char *what, Memory before, Memory after) {
    long heap = after.heap_kib - before.heap_kib, resident = after.resident_kib - before.resident_kib;
    printf("%s: heap %+ld KiB, resident %+ld KiB\n", what, heap, resident);
    return heap < allowed_kib && resident < 4 * allowed_kib;
}
