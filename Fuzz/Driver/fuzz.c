// Runs a fuzz target: FUZZ_TARGET=json Fuzz [LIBFUZZER OPTION]... [FOLDER OR FILE]...
//
// With FUZZ_SEEDS=FOLDER it writes the seeds of the target into the folder instead.

#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int is_interface;

// Swift keeps pointers with tags in their high bits, which LeakSanitizer does not recognise.
const char *__asan_default_options(void) { return "detect_leaks=0"; }

static void print_calls(void) { fprintf(stderr, "stat::calls_of_functions:      %zu\n", fuzz_interface_calls()); }

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    const char *target = getenv("FUZZ_TARGET");
    if (!target || !fuzz_open(target)) {
        fprintf(stderr, "FUZZ_TARGET is to be one of: %s\n", fuzz_names());
        exit(2);
    }
    const char *seeds = getenv("FUZZ_SEEDS");
    if (seeds) exit(fuzz_write_seeds(seeds) ? 0 : 1);
    is_interface = strcmp(target, "interface") == 0;
    if (is_interface) atexit(print_calls);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (is_interface) fuzz_interface(bytes, count);
    else fuzz_read(bytes, count);
    return 0;
}

// Without libFuzzer: reads the files, then changed copies of them for FUZZ_SECONDS. FUZZ_LAST names a file for the
// input that is being read, in case that it ends the process; FUZZ_RANDOM, a number, chooses other changes.

static uint64_t state = 1;

static size_t below(size_t limit) {
    // xorshift64
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % (limit ? limit : 1));
}

static size_t change(uint8_t *bytes, size_t count) {
    static const uint64_t words[] = {0, 1, INT32_MAX, UINT32_MAX, INT64_MAX, 1ull << 62, 1ull << 63, UINT64_MAX};
    for (size_t changes = 1 + below(4); changes && count; changes--) {
        // Most of what can go wrong is in headers.
        size_t at = below(2) ? below(count) : below(count < 256 ? count : 256);
        size_t length = 1 + below(below(4) ? 8 : 200);
        if (length > count - at) length = count - at;
        switch (below(6)) {
        case 0: bytes[at] ^= (uint8_t)(1 << below(8)); break;
        case 1: bytes[at] = (uint8_t)below(256); break;
        case 2: memcpy(bytes + at, &words[below(8)], length < 8 ? length : 8); break;
        case 3: count = at; break;
        case 4:
            memmove(bytes + at, bytes + at + length, count - at - length);
            count -= length;
            break;
        default: memmove(bytes + at, bytes + below(count - length + 1), length);
        }
    }
    return count;
}

static void read_input(const uint8_t *bytes, size_t count, const char *last) {
    FILE *file = last ? fopen(last, "wb") : NULL;
    if (file) {
        fwrite(bytes, 1, count, file);
        fclose(file);
    }
    // As large as the input, so that Valgrind detects reads beyond it.
    uint8_t *copy = malloc(count ? count : 1);
    if (!copy) abort();
    memcpy(copy, bytes, count);
    LLVMFuzzerTestOneInput(copy, count);
    free(copy);
}

// libFuzzer's own main replaces it.
__attribute__((weak)) int main(int count, char **arguments) {
    LLVMFuzzerInitialize(&count, &arguments);
    struct {
        uint8_t *bytes;
        size_t size;
    } *files = calloc((size_t)count, sizeof *files);
    const char *last = getenv("FUZZ_LAST"), *seconds = getenv("FUZZ_SECONDS"), *random = getenv("FUZZ_RANDOM");
    if (random) state = 2 * strtoull(random, NULL, 10) + 1;  // never 0
    size_t largest = 1;
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(arguments[i], "rb");
        if (!file || fseek(file, 0, SEEK_END)) {
            perror(arguments[i]);
            return 2;
        }
        files[i].size = (size_t)ftell(file);
        rewind(file);
        files[i].bytes = malloc(files[i].size + 1);
        if (!files[i].bytes || fread(files[i].bytes, 1, files[i].size, file) != files[i].size) {
            perror(arguments[i]);
            return 2;
        }
        fclose(file);
        if (files[i].size > largest) largest = files[i].size;
        read_input(files[i].bytes, files[i].size, last);
    }
    uint8_t *changed = malloc(largest);
    if (!changed) return 2;
    size_t inputs = (size_t)count - 1;
    for (time_t end = time(NULL) + (seconds ? atoi(seconds) : 0); count > 1 && time(NULL) < end; inputs++) {
        size_t i = 1 + below((size_t)count - 1);
        memcpy(changed, files[i].bytes, files[i].size);
        read_input(changed, change(changed, files[i].size), last);
    }
    // As libFuzzer reports it.
    fprintf(stderr, "stat::number_of_executed_units: %zu\n", inputs);
    return 0;
}
