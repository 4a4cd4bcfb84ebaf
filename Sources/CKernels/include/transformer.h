/// Kernels of vision transformers: attention, layer norm, quantization, linear layers.
///
/// All matrices are row-major. bf16 values are stored as `uint16_t` and rounded to nearest, ties to even; NaN stays
/// NaN. CPU levels may differ in the last bits of a result; a given level always computes the same bits.
#pragma once

#include "linear.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Instruction sets that kernels are compiled for.
typedef enum ganrm_kernel_level {
    /// Scalar C in double precision, which the other levels are tested against.
    GANRM_KERNELS_REFERENCE = 0,
    /// Vectors of 4 lanes in the architecture's baseline: SSE2 on x86-64, NEON on ARM.
    GANRM_KERNELS_PORTABLE = 1,
    /// AVX2 and FMA.
    GANRM_KERNELS_AVX2 = 2,
    /// AVX-512 F, BW, DQ and VL.
    GANRM_KERNELS_AVX512 = 3,
    /// GANRM_KERNELS_AVX512 with AVX512-BF16 and AVX512-VNNI.
    GANRM_KERNELS_AVX512_BF16 = 4,
} ganrm_kernel_level;

/// Queries that attention computes together; a task of a multiple has no padding.
enum { GANRM_QUERY_BLOCK = 12 };

/// One head's attention, `softmax(scale · QKᵀ) V`.
typedef struct ganrm_attention_shape {
    /// Number of keys and of values, at least 1.
    int64_t tokens;
    /// Elements per query, key and value, at least 1.
    int64_t head_width;
    /// Stride from one token's query, key or value to the next token's, in elements: all three may lie in one matrix.
    int64_t stride;
    /// Row stride of the result, in elements.
    int64_t out_stride;
    float scale;
    /// int8: whether the first query, the CLS token's, has its softmax quantized to 16 bits rather than 8.
    bool cls_softmax_16bit;
} ganrm_attention_shape;

/// Attention of `query_count` queries to all tokens of a clip. A query's result does not depend on the other queries.
///
/// `scratch`: at least `ganrm_attention_scratch_bytes`, aligned to 64 bytes, uninitialized.
typedef void ganrm_attention_kernel(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch);

/// Size of attention's scratch memory in bytes.
size_t ganrm_attention_scratch_bytes(int64_t tokens, int64_t head_width);

/// The kernels of one CPU level.
typedef struct ganrm_kernels {
    /// Attention in f32.
    ganrm_attention_kernel *attention;
    /// Attention with bf16 input and output; scores and sums are f32.
    ganrm_attention_kernel *attention_bf16;
    /// Attention with bf16 input and output and int8 products where the CPU has VNNI: up to 1.6 times as fast.
    ganrm_attention_kernel *attention_int8;
    /// `out = (x − mean) / √(variance + epsilon) · scale + shift` for each of `rows` rows of `width` elements.
    ///
    /// `out_stride` is in elements; `out` may be `x`.
    void (*layer_norm)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, float *out, int64_t out_stride);
    /// Layer norm with bf16 output.
    void (*layer_norm_bf16)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint16_t *out, int64_t out_stride);
    /// Layer norm with output quantized per row; `quantization` receives `[rows]`.
    void (*layer_norm_int8)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint8_t *out, int64_t out_stride, ganrm_quantization *quantization);
    /// Rounds `count` f32 values to bf16.
    void (*f32_to_bf16)(const float *x, int64_t count, uint16_t *out);
    /// Quantizes rows of f32, `stride` elements apart; `quantization` receives `[rows]`, with a scale of NaN for a row
    /// that contains NaN.
    void (*f32_to_int8)(
        const float *x, int64_t rows, int64_t width, int64_t stride, uint8_t *out,
        int64_t out_stride, ganrm_quantization *quantization);
    /// Quantizes rows of bf16 in `groups` equal groups; `quantization` receives `[groups, rows]`.
    void (*bf16_to_int8)(
        const uint16_t *x, int64_t rows, int64_t width, int64_t stride, int64_t groups, uint8_t *out,
        int64_t out_stride, ganrm_quantization *quantization);
    /// Mean of each column over `rows` rows of `width` f32 or bf16, `stride` elements apart, summed in double
    /// precision from the first row to the last.
    void (*column_means)(
        ganrm_dtype dtype, const void *x, int64_t rows, int64_t stride, int64_t width, float *out);
    /// A linear layer.
    void (*linear)(const ganrm_linear_args *args, const ganrm_linear_weights *weights);
} ganrm_kernels;

/// The kernels of one level, or NULL if this CPU cannot run them.
const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level);

/// The fastest kernels that this CPU can run.
const ganrm_kernels *ganrm_kernels_best(void);

/// Whether this CPU multiplies bf16 and int8 in hardware (AVX512-BF16 and AVX512-VNNI).
bool ganrm_cpu_has_bf16(void);

#ifdef __cplusplus
}
#endif
