/// Kernels that oneDNN does not have in the form an encoder wants them.
///
/// All matrices are row-major. A bfloat16 number is its 16 bits, rounded to nearest, ties to even;
/// NaN stays NaN. Each level gives its own last bits; one level always gives the same.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a set of kernels needs of the CPU.
typedef enum ganrm_kernel_level {
    /// Plain C: what the others are tested against.
    GANRM_KERNELS_PLAIN = 0,
    /// AVX2 and FMA.
    GANRM_KERNELS_AVX2 = 1,
    /// AVX-512 F, BW, DQ and VL.
    GANRM_KERNELS_AVX512 = 2,
} ganrm_kernel_level;

typedef struct ganrm_kernels {
    /// `out = (x − mean) / √(variance + epsilon) · scale + shift` for each of `rows` rows of
    /// `width` numbers; `out` may be `x`.
    void (*layer_norm)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, float *out);
    /// The same, stored as bfloat16.
    void (*layer_norm_bf16)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint16_t *out);
    /// The softmax of the first `count` numbers of each row but for a factor per row: replaces
    /// x by e^(x − the row's largest) and stores 1 / their sum. Rows are `stride` apart.
    void (*exponentials)(
        float *scores, int64_t rows, int64_t count, int64_t stride, float *inverse_sums);
    /// The same, stored as bfloat16 in rows `out_stride` apart.
    void (*exponentials_bf16)(
        const float *scores, int64_t rows, int64_t count, int64_t stride, uint16_t *out,
        int64_t out_stride, float *inverse_sums);
    /// Multiplies each row of `width` contiguous numbers by its factor; stores rows `out_stride`
    /// apart.
    void (*scale_rows)(
        const float *x, int64_t rows, int64_t width, const float *factors, float *out,
        int64_t out_stride);
    /// The same, stored as bfloat16.
    void (*scale_rows_bf16)(
        const float *x, int64_t rows, int64_t width, const float *factors, uint16_t *out,
        int64_t out_stride);
    /// Rounds `count` numbers to bfloat16.
    void (*to_bf16)(const float *x, int64_t count, uint16_t *out);
} ganrm_kernels;

/// The kernels of one level, or NULL if this CPU cannot run them.
const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level);

/// The fastest kernels this CPU can run.
const ganrm_kernels *ganrm_kernels_best(void);

/// The mean of each column over `rows` rows, summed in double precision, first row first.
void ganrm_column_means(const float *x, int64_t rows, int64_t width, float *out);

/// Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX-BF16).
bool ganrm_cpu_has_bf16(void);

/// Whether this CPU has AVX-512 (F, BW, DQ, VL), without which oneDNN has no bfloat16.
bool ganrm_cpu_has_avx512(void);

#ifdef __cplusplus
}
#endif
