/// Compares every kernel level of this processor with the reference on pseudo-random input: linear layers and attention
/// in each dtype, on shapes with odd tails. Prints the largest errors and exits with 1 if one is too large.
///
/// `scripts/check-arm` runs it under QEMU on processors that no machine at hand has.
#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

/// From −1 to 1.
static float uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(state >> 40) / (float)(1 << 23) - 1;
}

static void *allocate(int64_t size) {
    void *memory = aligned_alloc(64, ((size_t)size + 64 + 63) / 64 * 64);
    if (!memory) abort();
    return memset(memory, 0, (size_t)size + 64);
}

static float from_bf16(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int failures = 0;

/// RMS of the differences relative to the RMS of the expected values; NaN fails.
static void check(const char *what, const char *dtype, ganrm_kernel_level level, double error, double limit) {
    bool fine = error <= limit;
    if (!fine) failures++;
    printf("%-28s %-5s %-12s %.2g%s\n", what, dtype, ganrm_kernel_level_name(level), error, fine ? "" : "  WRONG");
}

static double relative_error(const float *found, const float *expected, int64_t count) {
    double error = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        error += pow((double)found[i] - expected[i], 2);
        size += pow(expected[i], 2);
    }
    return sqrt(error / size);
}

static const char *const dtype_names[] = {"f32", "bf16", "int8"};

static void check_linear(ganrm_kernel_level level, ganrm_dtype dtype, int64_t rows, int64_t inner, int64_t columns) {
    const ganrm_kernels *kernels = ganrm_kernels_at(level), *reference = ganrm_kernels_at(GANRM_KERNELS_REFERENCE);
    int64_t padded = ganrm_padded_columns(columns), stride = ganrm_cell_count(dtype, inner) * 4;
    float *values = allocate(4 * columns * inner), *scales = allocate(4 * padded), *bias = allocate(4 * padded);
    float *sums = allocate(4 * padded);
    void *panels = allocate(ganrm_panel_bytes(dtype, inner, columns));
    // Most of them are small, so that cells fit together.
    for (int64_t i = 0; i < columns * inner; i++) values[i] = uniform() * uniform();
    for (int64_t i = 0; i < columns; i++) bias[i] = uniform();
    ganrm_unpacked_weights unpacked = {.rows = columns, .values = values};
    ganrm_weights_pack(
        &unpacked, dtype, inner, columns, 0, 1, kernels->adds_int8_pairs, panels, scales, sums);
    ganrm_linear_weights weights = {dtype, inner, columns, 1, panels, bias, scales, sums};
    int64_t panel_count = padded / GANRM_PANEL_COLUMNS, cells = ganrm_cell_count(dtype, inner);
    uint16_t *offsets = allocate(2 * panel_count * cells), *paired = allocate(2 * panel_count);
    void *scratch = allocate(ganrm_weights_pair_scratch(inner, 1));
    if (dtype == GANRM_INT8 && kernels->adds_int8_pairs) {
        ganrm_weights_pair(inner, columns, 1, panels, offsets, paired, scratch);
        weights.offsets = offsets;
        weights.paired = paired;
    }

    float *row = allocate(4 * inner);
    char *x = allocate(rows * stride);
    ganrm_quantization *quantization = allocate(rows * (int64_t)sizeof *quantization);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t i = 0; i < inner; i++) row[i] = uniform();
        char *out = x + r * stride;
        if (dtype == GANRM_F32) memcpy(out, row, (size_t)(4 * inner));
        else if (dtype == GANRM_BF16) kernels->f32_to_bf16(row, inner, (uint16_t *)out);
        else kernels->f32_to_int8(row, 1, inner, inner, (uint8_t *)out, stride, quantization + r);
    }
    float *found = allocate(4 * rows * columns), *expected = allocate(4 * rows * columns);
    ganrm_linear_args args = {
        rows, x, stride, quantization, GANRM_GELU, GANRM_STORE_F32, found, columns};
    kernels->linear(&args, &weights);
    args.out = expected;
    reference->linear(&args, &weights);
    char what[64];
    snprintf(what, sizeof what, "linear %d x %d x %d", (int)rows, (int)inner, (int)columns);
    check(what, dtype_names[dtype], level, relative_error(found, expected, rows * columns), 1e-6);

    // A row alone has the same bits.
    args.rows = 1;
    args.x = x + (rows - 1) * stride;
    args.quantization = quantization + rows - 1;
    kernels->linear(&args, &weights);
    if (memcmp(expected, found + (rows - 1) * columns, (size_t)(4 * columns)) != 0)
        check("  a row alone", dtype_names[dtype], level, NAN, 0);
    void *all[] = {
        values, scales, bias, sums, panels, offsets, paired, scratch, row, x, quantization, found, expected};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void check_attention(ganrm_kernel_level level, ganrm_dtype dtype, int64_t tokens, int64_t width) {
    const ganrm_kernels *kernels = ganrm_kernels_at(level), *reference = ganrm_kernels_at(GANRM_KERNELS_REFERENCE);
    int64_t stride = 3 * width + 6, count = tokens * stride, size = dtype == GANRM_F32 ? 4 : 2;
    float *f32 = allocate(4 * count);
    uint16_t *bf16 = allocate(2 * count);
    for (int64_t i = 0; i < count; i++) f32[i] = 2 * uniform();
    kernels->f32_to_bf16(f32, count, bf16);
    ganrm_attention_shape shape = {tokens, width, stride, width, 1 / sqrtf((float)width), true};
    void *scratch = allocate((int64_t)ganrm_attention_scratch_bytes(tokens, width));
    float *results[2];
    for (int i = 0; i < 2; i++) {
        const ganrm_kernels *which = i ? reference : kernels;
        ganrm_attention_kernel *attention =
            dtype == GANRM_F32 ? which->attention : dtype == GANRM_BF16 ? which->attention_bf16 : which->attention_int8;
        const char *x = dtype == GANRM_F32 ? (const char *)f32 : (const char *)bf16;
        results[i] = allocate(4 * tokens * width);
        attention(&shape, x, tokens, x + width * size, x + 2 * width * size, results[i], scratch);
        if (dtype != GANRM_F32)
            for (int64_t k = tokens * width - 1; k >= 0; k--) results[i][k] = from_bf16(((uint16_t *)results[i])[k]);
    }
    char what[64];
    snprintf(what, sizeof what, "attention %d x %d", (int)tokens, (int)width);
    static const double limits[] = {2e-6, 4e-3, 3e-2};
    check(what, dtype_names[dtype], level, relative_error(results[0], results[1], tokens * width), limits[dtype]);
    void *all[] = {f32, bf16, scratch, results[0], results[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

int main(void) {
    for (int i = GANRM_KERNELS_PORTABLE; i < GANRM_KERNEL_LEVELS; i++) {
        ganrm_kernel_level level = (ganrm_kernel_level)i;
        if (!ganrm_kernels_at(level)) continue;
        for (ganrm_dtype dtype = GANRM_F32; dtype <= GANRM_INT8; dtype++) {
            check_linear(level, dtype, 1, 4, 16);
            check_linear(level, dtype, 5, 3, 7);
            check_linear(level, dtype, 13, 147, 70);
            check_linear(level, dtype, 29, 384, 96);
            check_attention(level, dtype, 1, 64);
            check_attention(level, dtype, 50, 32);
            check_attention(level, dtype, 53, 40);
            check_attention(level, dtype, 257, 64);
        }
    }
    return failures > 0;
}
