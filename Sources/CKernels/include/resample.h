#pragma once
#include <stdint.h>

// Separable resampling of 8-bit RGB images: a horizontal pass over the source rows that are
// needed, then a vertical pass. Both passes are weighted sums over `taps` source samples, whose
// indices are listed, so that borders need no special case and only the wanted columns and rows are computed.

/// Coefficients of a resampling; the arrays are borrowed for the duration of a call.
typedef struct {
    int32_t source_width, source_height;  ///< pixels
    int32_t width, height;                ///< of the result, pixels
    int32_t column_taps, row_taps;        ///< samples per weighted sum
    int32_t used_rows;                    ///< number of source rows that any sum reads
    const int32_t *used_row;        ///< [used_rows]: source row indices, ascending
    const int32_t *column_offset;   ///< [width, column_taps]: byte offsets in a source row
    const void *column_weight;      ///< [width, column_taps]: int32_t, float or double, as the kernel takes
    const int32_t *row_index;       ///< [height, row_taps]: indices into used_row
    const void *row_weight;         ///< [height, row_taps]: of the same type
} ganrm_resample_plan;

/// Computes `result` from `source` with the coefficients of `plan`: uint8_t or float, as the kernel gives.
typedef int ganrm_resampling_kernel(
    const ganrm_resample_plan *plan, const uint8_t *source, void *result);
