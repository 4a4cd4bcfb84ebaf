#include "resample.h"

#include <stdlib.h>
#include <string.h>

// Compiler vector extensions keep the source portable; on x86 it is compiled twice,
// for the baseline and for AVX2 with FMA. Both compute the same bits: integers are exact, and
// floats use explicit fused multiply-adds.
typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int32_t ints4 __attribute__((vector_size(16)));
typedef int32_t ints16 __attribute__((vector_size(64)));
typedef float floats4 __attribute__((vector_size(16)));
typedef float floats16 __attribute__((vector_size(64)));

// Vectors are passed between inlined functions only, so the ABI does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
enum { block = 16 };

/// Elements per intermediate row: whole blocks, with space for the fourth lane of the last pixel.
INLINE size_t padded(int32_t width) {
    return ((size_t)width * 3 + 1 + block - 1) / block * block;
}

/// Loads a pixel as four lanes; the fourth is the byte that follows in memory and is discarded.
INLINE ints4 load_pixel(const uint8_t *from) {
    bytes4 pixel;
    memcpy(&pixel, from, sizeof pixel);
    return __builtin_convertvector(pixel, ints4);
}

INLINE ints16 load_block(const uint8_t *from) {
    bytes16 bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, ints16);
}

INLINE floats16 load_floats(const float *from) {
    floats16 values;
    memcpy(&values, from, sizeof values);
    return values;
}

INLINE ints16 clamp_block(ints16 values) {
    ints16 zero = {0};
    return __builtin_elementwise_min(__builtin_elementwise_max(values, zero), zero + 255);
}

/// Stores at most `count` lanes: the last block of a row is incomplete.
INLINE void store_block(uint8_t *to, ints16 values, size_t count) {
    bytes16 bytes = __builtin_convertvector(values, bytes16);
    memcpy(to, &bytes, count < block ? count : block);
}

INLINE float as_float(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Returns a source row with at least one readable byte after it; the last row is copied to `padded_row`.
INLINE const uint8_t *source_row(
    const ganrm_resample_plan *plan, const uint8_t *source, int32_t row, uint8_t *padded_row
) {
    size_t stride = (size_t)plan->source_width * 3;
    const uint8_t *from = source + (size_t)row * stride;
    if (row < plan->source_height - 1) return from;
    memcpy(padded_row, from, stride);
    padded_row[stride] = 0;
    return padded_row;
}

INLINE void fixed22_columns(const ganrm_resample_plan *plan, const uint8_t *row, uint8_t *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    const int32_t taps = plan->column_taps;
    for (int32_t x = 0; x < plan->width; x++, offset += taps, weight += taps, to += 3) {
        ints4 zero = {0}, sum = zero + (1 << 21);
        for (int32_t k = 0; k < taps; k++) sum += load_pixel(row + offset[k]) * weight[k];
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum >> 22, zero), zero + 255);
        bytes4 pixel = __builtin_convertvector(sum, bytes4);
        memcpy(to, &pixel, sizeof pixel);
    }
}

/// Vertical pass of row `y`; each of `rows` has `width` pixels.
INLINE void fixed22_rows_of(
    const ganrm_resample_plan *plan, int32_t y, const uint8_t *rows, int32_t width, uint8_t *to
) {
    const size_t stride = padded(width), length = (size_t)width * 3;
    const int32_t taps = plan->row_taps;
    const int32_t *index = plan->row_index + (size_t)y * taps;
    const int32_t *weight = plan->row_weight + (size_t)y * taps;
    for (size_t x = 0; x < length; x += block) {
        ints16 sum = {0};
        sum += 1 << 21;
        for (int32_t k = 0; k < taps; k++)
            sum += load_block(rows + (size_t)index[k] * stride + x) * weight[k];
        store_block(to + x, clamp_block(sum >> 22), length - x);
    }
}

INLINE void fixed22_rows(
    const ganrm_resample_plan *plan, int32_t y, const uint8_t *rows, uint8_t *to
) {
    fixed22_rows_of(plan, y, rows, plan->width, to);
}

INLINE void fixed11_columns(const ganrm_resample_plan *plan, const uint8_t *row, int32_t *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += 2, weight += 2, to += 3) {
        ints4 sum = load_pixel(row + offset[0]) * weight[0] + load_pixel(row + offset[1]) * weight[1];
        memcpy(to, &sum, sizeof sum);
    }
}

INLINE void fixed11_rows(const ganrm_resample_plan *plan, int32_t y, const int32_t *rows, uint8_t *to) {
    const size_t stride = padded(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * 2;
    const int32_t *weight = plan->row_weight + (size_t)y * 2;
    for (size_t x = 0; x < length; x += block) {
        ints16 upper, lower;
        memcpy(&upper, rows + (size_t)index[0] * stride + x, sizeof upper);
        memcpy(&lower, rows + (size_t)index[1] * stride + x, sizeof lower);
        ints16 sum = (((upper >> 4) * weight[0]) >> 16) + (((lower >> 4) * weight[1]) >> 16);
        store_block(to + x, clamp_block((sum + 2) >> 2), length - x);
    }
}

// PyTorch's compiled sum: taps 0 and 1 first, in this order, then 2, then 3, each step fused.
#define FLOAT_SUM(type, at, weight)                                                            \
    FUSED(type, at, weight, 3, FUSED(type, at, weight, 2,                                      \
        FUSED(type, at, weight, 0, at(1) * as_float((weight)[1]))))
#define FUSED(type, at, weight, k, sum)                                                        \
    __builtin_elementwise_fma(at(k), (type){0} + as_float((weight)[k]), sum)

INLINE void float_columns(const ganrm_resample_plan *plan, const uint8_t *row, float *to) {
    const int32_t *offset = plan->column_offset, *weight = plan->column_weight;
    for (int32_t x = 0; x < plan->width; x++, offset += 4, weight += 4, to += 3) {
#define PIXEL(k) __builtin_convertvector(load_pixel(row + offset[k]), floats4)
        floats4 sum = FLOAT_SUM(floats4, PIXEL, weight);
        memcpy(to, &sum, sizeof sum);
    }
}

INLINE void float_rows(const ganrm_resample_plan *plan, int32_t y, const float *rows, uint8_t *to) {
    const size_t stride = padded(plan->width), length = (size_t)plan->width * 3;
    const int32_t *index = plan->row_index + (size_t)y * 4;
    const int32_t *weight = plan->row_weight + (size_t)y * 4;
    for (size_t x = 0; x < length; x += block) {
#define ROW(k) load_floats(rows + (size_t)index[k] * stride + x)
        floats16 zero = {0}, sum = FLOAT_SUM(floats16, ROW, weight);
        sum = __builtin_elementwise_min(__builtin_elementwise_max(sum, zero), zero + 255);
        // Adding 2^23 rounds to an integer, ties to even, in the default rounding mode.
        sum = (sum + 0x1p23f) - 0x1p23f;
        store_block(to + x, __builtin_convertvector(sum, ints16), length - x);
    }
}

/// Both passes with one arithmetic; `element` is the type of the intermediate rows.
#define DEFINE_PASSES(name, element, level, target)                                            \
    target static int name##_##level(                                                          \
        const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result                \
    ) {                                                                                        \
        const size_t stride = padded(plan->width);                                             \
        element *rows = calloc((size_t)plan->used_rows * stride, sizeof(element));             \
        uint8_t *padded_row = malloc((size_t)plan->source_width * 3 + 1);                      \
        int status = rows && padded_row ? 0 : -1;                                              \
        for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)                           \
            name##_columns(                                                                    \
                plan, source_row(plan, source, plan->used_row[i], padded_row),                 \
                rows + (size_t)i * stride                                                      \
            );                                                                                 \
        for (int32_t y = 0; status == 0 && y < plan->height; y++)                              \
            name##_rows(plan, y, rows, result + (size_t)y * plan->width * 3);                  \
        free(padded_row);                                                                      \
        free(rows);                                                                            \
        return status;                                                                         \
    }

/// DEFINE_PASSES(fixed22, …) with the vertical pass first.
#define DEFINE_ROWS_FIRST(level, target)                                                       \
    target static int fixed22_rows_first_##level(                                              \
        const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result                \
    ) {                                                                                        \
        const size_t stride = padded(plan->source_width);                                      \
        const size_t length = (size_t)plan->source_width * 3, width = (size_t)plan->width * 3; \
        uint8_t *rows = calloc((size_t)plan->used_rows + 1, stride);                           \
        uint8_t *line = malloc(padded(plan->width));                                           \
        int status = rows && line ? 0 : -1;                                                    \
        for (int32_t i = 0; status == 0 && i < plan->used_rows; i++)                           \
            memcpy(rows + i * stride, source + plan->used_row[i] * length, length);            \
        for (int32_t y = 0; status == 0 && y < plan->height; y++) {                            \
            uint8_t *mixed = rows + (size_t)plan->used_rows * stride;                          \
            fixed22_rows_of(plan, y, rows, plan->source_width, mixed);                         \
            fixed22_columns(plan, mixed, line);                                                \
            memcpy(result + (size_t)y * width, line, width);                                   \
        }                                                                                      \
        free(line);                                                                            \
        free(rows);                                                                            \
        return status;                                                                         \
    }

DEFINE_PASSES(fixed22, uint8_t, baseline, )
DEFINE_PASSES(fixed11, int32_t, baseline, )
DEFINE_PASSES(float, float, baseline, )
DEFINE_ROWS_FIRST(baseline, )

#if defined(__x86_64__)
#define FAST __attribute__((target("avx2,fma")))
DEFINE_PASSES(fixed22, uint8_t, avx2, FAST)
DEFINE_PASSES(fixed11, int32_t, avx2, FAST)
DEFINE_PASSES(float, float, avx2, FAST)
DEFINE_ROWS_FIRST(avx2, FAST)
#define CHOOSE(name)                                                                           \
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")                     \
        ? name##_avx2(plan, source, result)                                                    \
        : name##_baseline(plan, source, result)
#else
#define CHOOSE(name) return name##_baseline(plan, source, result)
#endif

int ganrm_resample_fixed22(const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result) {
    CHOOSE(fixed22);
}

int ganrm_resample_fixed22_rows_first(
    const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result
) {
    CHOOSE(fixed22_rows_first);
}

int ganrm_resample_fixed11(const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result) {
    CHOOSE(fixed11);
}

int ganrm_resample_float(const ganrm_resample_plan *plan, const uint8_t *source, uint8_t *result) {
    CHOOSE(float);
}
