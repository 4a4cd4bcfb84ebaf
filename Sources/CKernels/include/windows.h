/// Windows of convolutions.
#pragma once

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

#ifdef __cplusplus
}
#endif
