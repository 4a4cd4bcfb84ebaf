/// The table of kernels, which exists once per CPU level.
///
/// All matrices are row-major. bf16 values are stored as `uint16_t` and rounded to nearest, ties to even; NaN stays
/// NaN. CPU levels may differ in the last bits of a result, unless a kernel says otherwise; a given level always
/// computes the same bits.
#pragma once

#include "attention.h"
#include "head.h"
#include "linear.h"
#include "resample.h"
#include "windows.h"

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
    /// GANRM_KERNELS_AVX2 with AVX-VNNI: int8 products in vectors of 256 bits.
    GANRM_KERNELS_AVX_VNNI = 3,
    /// AVX-512 F, BW, DQ and VL.
    GANRM_KERNELS_AVX512 = 4,
    /// GANRM_KERNELS_AVX512 with AVX512-VNNI.
    GANRM_KERNELS_AVX512_VNNI = 5,
    /// GANRM_KERNELS_AVX512_VNNI with AVX512-BF16.
    GANRM_KERNELS_AVX512_BF16 = 6,
    /// GANRM_KERNELS_AVX512_BF16 with AMX-INT8 and AMX-BF16, where the system permits them (Linux 5.16 on).
    GANRM_KERNELS_AMX = 7,
    /// NEON with the BF16 and I8MM extensions of Armv8.6: Graviton 3, Grace.
    GANRM_KERNELS_NEON_BF16 = 8,
    /// GANRM_KERNELS_AVX512_VNNI with the instructions of AMX in C, for tests alone: no processor has it.
    GANRM_KERNELS_AMX_EMULATED = 9,
} ganrm_kernel_level;

/// One more than the largest level of a processor.
enum { GANRM_KERNEL_LEVELS = GANRM_KERNELS_NEON_BF16 + 1 };

/// Rows of scratch memory of `layer_norm_int8`.
enum { GANRM_NORM_SCRATCH_ROWS = 4 };

/// The kernels of one CPU level.
typedef struct ganrm_kernels {
    /// Whether the level has instructions for products of bf16; without, they are slower than those of f32.
    bool multiplies_bf16;
    /// Whether int8 products are added in 16 bits, so that weights need `limits_pairs` when they are packed, and
    /// `ganrm_weights_pair` afterwards.
    bool adds_int8_pairs;
    /// Attention in f32.
    ganrm_attention_kernel *attention;
    /// Attention with bf16 input and output; scores and sums are f32.
    ganrm_attention_kernel *attention_bf16;
    /// Attention with bf16 input and output and int8 products, except at GANRM_KERNELS_PORTABLE: up to 1.6 times as
    /// fast.
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
    ///
    /// `scratch`: `[GANRM_NORM_SCRATCH_ROWS, width]`, uninitialized.
    void (*layer_norm_int8)(
        const float *x, int64_t rows, int64_t width, const float *scale, const float *shift,
        float epsilon, uint8_t *out, int64_t out_stride, ganrm_quantization *quantization,
        float *scratch);
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
    /// Maximum of `count` rows, at least 1, of `width` elements each: a window of a max pool, whose positions outside the
    /// input are left out. NaN stays NaN.
    void (*pool_maximum)(const float *const *rows, int64_t count, int64_t width, float *out);
    /// Mean of `count` rows, at least 1, of `width` elements each, added in their order.
    void (*pool_mean)(const float *const *rows, int64_t count, int64_t width, float *out);
    /// Unfolds the windows of a convolution.
    ganrm_unfold_kernel *unfold;
    /// Transform the inputs and the products of a convolution by Winograd's algorithm.
    ganrm_winograd_input_kernel *winograd_input;
    ganrm_winograd_output_kernel *winograd_output;
    /// A linear layer.
    void (*linear)(const ganrm_linear_args *args, const ganrm_linear_weights *weights);

    /// `out = weights · x`: a linear layer of the head without its bias.
    ///
    /// `weights`: `[columns, inner]`; `x`: `inner` elements in lanes; `out`: `columns` elements in lanes.
    void (*head_forward)(
        const float *weights, const float *x, float *out, size_t columns, size_t inner);
    /// `out = weightsᵀ · x`: the gradient with respect to a linear layer's input.
    ///
    /// `weights`: `[columns, inner]`, rows `stride` elements apart; `x`: `columns` elements in lanes; `out`:
    /// `inner` elements in lanes.
    void (*head_backward)(
        const float *weights, const float *x, float *out, size_t columns, size_t inner,
        size_t stride);
    /// AdamW: updates `count` weights and their two moments in one pass over memory.
    void (*adamw_update)(
        float *weights, float *first_moments, float *second_moments, const float *gradients,
        size_t count, ganrm_adamw_step step);
    /// AdamW for a linear layer's weights `[columns, inner]`, whose gradient `dᵀ · x` exists only in
    /// registers: writing it to memory and reading it back would cost a third of the step.
    ///
    /// `d`: `[rows, columns]`, rows `stride` elements apart, the gradient with respect to the layer's output; `x`:
    /// `[rows, inner]`, the layer's input.
    void (*adamw_update_linear)(
        float *weights, float *first_moments, float *second_moments, const float *d,
        const float *x, size_t rows, size_t columns, size_t inner, size_t stride,
        ganrm_adamw_step step);

    /// Gram matrix of one token over several frames: `out[t * count + u] = frames[t] · frames[u]`, both triangles.
    ///
    /// `frames`: `count` pointers; the token's `length` elements begin at `offset` of each. Products of two f32 are
    /// exact in f64 and are summed in a fixed order: all levels but the reference compute the same bits.
    void (*frame_gram)(
        const float *const *frames, size_t offset, size_t count, size_t length, double *out);

    /// Resampling with weights of 22 fractional bits; each pass rounds to 8 bits (Pillow, Resample.c, 8bpc).
    ///
    /// `source` is `[source_height, source_width, 3]`, `result` `[height, width, 3]`. All levels compute the same bits.
    /// Returns 0, or −1 if out of memory; so do the others.
    ganrm_resampling_kernel *resample_fixed22;
    /// The same with the vertical pass first.
    ganrm_resampling_kernel *resample_fixed22_rows_first;
    /// Two taps, weights with 11 fractional bits, one rounding at the end (OpenCV, resize.cpp).
    ganrm_resampling_kernel *resample_fixed11;
    /// Any number of taps, float weights, sums in the order of the taps by fused multiply-adds (PyTorch,
    /// UpSampleKernel.cpp). The result is float, neither clamped nor rounded.
    ganrm_resampling_kernel *resample_float;
    /// The same with a result of bytes: clamped, rounded to nearest even.
    ganrm_resampling_kernel *resample_float_rounded;
    /// Any number of taps, double weights, sums in the order of the taps, rounded to float after each pass (Pillow,
    /// Resample.c, 32 bits per channel). The result is float, clamped to 0…255.
    ganrm_resampling_kernel *resample_double;
    /// The same with the vertical pass first.
    ganrm_resampling_kernel *resample_double_rows_first;
} ganrm_kernels;

/// The kernels of one level, or NULL if this CPU cannot run them.
const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level);

/// Name of a level in options, e.g. `avx512_vnni`.
const char *ganrm_kernel_level_name(ganrm_kernel_level level);

/// Whether this CPU multiplies bf16 at this level faster than f32.
bool ganrm_bf16_is_fast(ganrm_kernel_level level);

/// The fastest level of this CPU.
ganrm_kernel_level ganrm_kernel_level_best(void);

/// The level that this process uses: the last one that was set, else the one that the environment variable
/// GANRM_CPU_LEVEL names, else the fastest. A name that is unknown, or of a level that this CPU does not have, is
/// ignored.
ganrm_kernel_level ganrm_kernel_level_in_use(void);

/// Sets the level that this process uses, one that the CPU has. Objects keep the kernels that they were made with.
void ganrm_kernel_level_use(ganrm_kernel_level level);

/// The kernels of the level in use.
const ganrm_kernels *ganrm_kernels_in_use(void);

/// A kernel whose products of small numbers differ from the reference's, e.g. `attention in bf16`; NULL if none does.
const char *ganrm_wrong_kernel(const ganrm_kernels *kernels);

/// The wrong kernel for which GANRM_KERNELS_AMX is not used although the CPU has AMX; NULL if there is none.
const char *ganrm_amx_wrong_kernel(void);

/// Makes the emulation of AMX invert bit 0 to 511 of the first row of each product on this thread; −1 for none.
void ganrm_amx_emulation_fail(int bit);

#ifdef __cplusplus
}
#endif
