/// What vision transformers are computed with.
///
/// All matrices are row-major. A bfloat16 number is its 16 bits, rounded to nearest, ties to even;
/// NaN stays NaN. Each level gives its own last bits; one level always gives the same.
#pragma once

#include "linear.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a set of kernels needs of the CPU.
typedef enum ganrm_kernel_level {
    /// Plain C: what the others are tested against.
    GANRM_KERNELS_PLAIN = 0,
    /// Vectors of 4 numbers, in whatever instructions any CPU of its kind has.
    GANRM_KERNELS_PORTABLE = 1,
    /// AVX2 and FMA.
    GANRM_KERNELS_AVX2 = 2,
    /// AVX-512 F, BW, DQ and VL.
    GANRM_KERNELS_AVX512 = 3,
    /// The same, AVX512-BF16 and AVX512-VNNI.
    GANRM_KERNELS_AVX512_BF16 = 4,
} ganrm_kernel_level;

/// Queries that attention computes together: tasks of a multiple waste nothing.
enum { GANRM_ATTENTION_BLOCK = 12 };

/// One head's attention: `softmax(scale · queries · keysᵀ) · values`, row by row.
typedef struct ganrm_attention {
    /// Keys, and as many values, at least 1.
    int64_t tokens;
    /// Numbers per query, key and value, at least 1.
    int64_t head_width;
    /// From one token's query, key or value to the next one's, in numbers: all three may lie in
    /// one matrix.
    int64_t stride;
    /// From one row of the result to the next, in numbers.
    int64_t out_stride;
    float scale;
    /// As bytes: whether the first query's exponentials have 16 bits where the others' have 8.
    bool fine_first;
} ganrm_attention;

/// What `query_count` queries gather of a clip's values. What one gets does not depend on the others.
typedef void ganrm_attend(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch);

/// Bytes of scratch memory that attention takes, to be aligned to 64.
size_t ganrm_attention_scratch(int64_t tokens, int64_t head_width);

typedef struct ganrm_kernels {
    /// Attention in float32.
    ganrm_attend *attention;
    /// Attention with bfloat16 in and out; scores and sums are float32.
    ganrm_attend *attention_bf16;
    /// The same, but products are of bytes where the CPU has VNNI: up to 1.6 times as fast.
    ganrm_attend *attention_int8;
    /// `out = (x − mean) / √(variance + epsilon) · scale + shift` for each of `rows` rows of
    /// `width` numbers, written `out_stride` apart; `out` may be `x`.
    void (*layer_norm)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, float *out, int64_t out_stride);
    /// The same, stored as bfloat16.
    void (*layer_norm_bf16)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint16_t *out, int64_t out_stride);
    /// The same, stored as bytes; `scales` receives what each row's stand for.
    void (*layer_norm_int8)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint8_t *out, int64_t out_stride, ganrm_byte_scale *scales);
    /// Rounds `count` numbers to bfloat16.
    void (*to_bf16)(const float *x, int64_t count, uint16_t *out);
    /// Rounds rows, `stride` apart, to bytes as `layer_norm_int8` does.
    void (*to_int8)(
        const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out,
        int64_t out_stride, ganrm_byte_scale *scales);
    /// The same of bfloat16, in equal parts; `scales` is `[parts, rows]`.
    void (*bf16_to_int8)(
        const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t parts, uint8_t *out,
        int64_t out_stride, ganrm_byte_scale *scales);
    /// The mean of each column over `rows` rows of `width` floats or bfloat16, one every `stride` numbers, summed
    /// in double precision, first row first.
    void (*column_means)(
        ganrm_number number, const void *x, int64_t rows, int64_t stride, int64_t width, float *out);
    /// A linear layer.
    void (*linear)(const ganrm_linear *layer, const ganrm_weights *weights);
} ganrm_kernels;

/// The kernels of one level, or NULL if this CPU cannot run them.
const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level);

/// The fastest kernels this CPU can run.
const ganrm_kernels *ganrm_kernels_best(void);

/// Whether this CPU multiplies bfloat16 and bytes in hardware (AVX512-BF16 and AVX512-VNNI).
bool ganrm_cpu_has_bf16(void);

#ifdef __cplusplus
}
#endif
