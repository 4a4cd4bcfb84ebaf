/// Windows of convolutions.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes along time, height and width.
typedef struct ganrm_extent {
    int64_t frames, height, width;
} ganrm_extent;

/// A window that moves over inputs, `[inputs, frames, height, width]`.
typedef struct ganrm_windows {
    /// Positions of the inputs, rows of `channels` f32, `stride` elements apart.
    const float *source;
    int64_t channels, stride;
    ganrm_extent input, kernel, step;
    /// Positions before an input that the first window covers.
    ganrm_extent before;
    /// Number of windows of an input.
    ganrm_extent output;
} ganrm_windows;

/// Copies what windows cover, `[count, kernel, channels]`, rows `out_stride` elements apart, with zeros outside the inputs.
///
/// `first`: index of the first window among those of all inputs. All levels compute the same.
typedef void ganrm_unfold_kernel(
    const ganrm_windows *windows, int64_t first, int64_t count, float *out, int64_t out_stride);

/// Values of a channel in Winograd's form of a block of 2 × 2 outputs whose windows are 3 × 3.
enum { GANRM_WINOGRAD_PLANES = 16 };

/// Products of blocks in Winograd's form, `[GANRM_WINOGRAD_PLANES, blocks, columns]`.
typedef struct ganrm_winograd_products {
    const float *values;
    /// Strides of blocks and planes, in elements.
    int64_t stride, plane_stride;
    int64_t columns;
    /// `[columns]`
    const float *bias;
    /// Whether outputs are max(x, 0).
    bool rectifies;
} ganrm_winograd_products;

/// Bᵀ · d · B of the inputs d of blocks of 2 × 2 windows of 3 × 3 positions (Lavin and Gray, arXiv 1509.09308), with
/// zeros outside the inputs.
///
/// - `first`: index of the first block; those of a frame of outputs are ⌈height / 2⌉ × ⌈width / 2⌉.
/// - `out`: `[GANRM_WINOGRAD_PLANES, count, kernel frames, channels]`, strides in elements.
///
/// All levels compute the same.
typedef void ganrm_winograd_input_kernel(
    const ganrm_windows *windows, int64_t first, int64_t count, float *out, int64_t out_stride,
    int64_t plane_stride);

/// Outputs of blocks: Aᵀ · m · A of the products m, with bias.
///
/// - `out`: the outputs of all inputs, rows `out_stride` elements apart.
///
/// All levels compute the same.
typedef void ganrm_winograd_output_kernel(
    const ganrm_windows *windows, const ganrm_winograd_products *products, int64_t first,
    int64_t count, float *out, int64_t out_stride);

#ifdef __cplusplus
}
#endif
