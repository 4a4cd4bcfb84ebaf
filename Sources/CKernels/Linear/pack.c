#include "Cpu/levels.h"

#include <string.h>

/// Elements in a cell.
static int64_t cell_length(ganrm_dtype dtype) {
    return dtype == GANRM_F32 ? 1 : dtype == GANRM_BF16 ? 2 : 4;
}

int64_t ganrm_cell_count(ganrm_dtype dtype, int64_t inner) {
    int64_t length = cell_length(dtype);
    return (inner + length - 1) / length;
}

int64_t ganrm_panel_bytes(ganrm_dtype dtype, int64_t inner, int64_t columns) {
    return ganrm_padded_columns(columns) * ganrm_cell_count(dtype, inner) * 4;
}

/// Copies a row of the weights, multiplied by its factors.
static void scale_row(
    const ganrm_unpacked_weights *weights, int64_t inner, int64_t row, float *out) {
    const float *values = weights->values + row * inner;
    float factor = weights->row_factors ? weights->row_factors[row] : 1;
    for (int64_t k = 0; k < inner; k++) out[k] = values[k] * factor;
    if (!weights->inner_factors) return;
    for (int64_t k = 0; k < inner; k++) out[k] *= weights->inner_factors[k];
}

/// Scale of a symmetric quantization to ±127; NaN if a value is NaN.
static float symmetric_scale(const float *values, int64_t count) {
    // The bits of non-negative floats have the order of their values; NaN is above all.
    int32_t max_bits = 0;
    for (int64_t k = 0; k < count; k++) {
        int32_t bits;
        memcpy(&bits, values + k, sizeof bits);
        bits &= 0x7fffffff;
        max_bits = bits > max_bits ? bits : max_bits;
    }
    float max;
    memcpy(&max, &max_bits, sizeof max);
    return max_bits ? max / 127 : 1;
}

/// Quantizes values to int8; returns the sum of the result.
static int32_t quantize(const float *values, int64_t count, float scale, int8_t *out) {
    int32_t sum = 0;
    for (int64_t k = 0; k < count; k++) {
        float shifted = values[k] / scale + rounding_magic;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        out[k] = (int8_t)bits;
        sum += out[k];
    }
    return sum;
}

/// Stores a column's cells in its panel; the last cell is zero-padded.
static void store_column(const void *values, int64_t byte_count, int32_t *panel) {
    const char *bytes = values;
    for (; byte_count >= 4; byte_count -= 4, bytes += 4, panel += GANRM_PANEL_COLUMNS)
        memcpy(panel, bytes, 4);
    if (byte_count == 0) return;
    *panel = 0;
    memcpy(panel, bytes, (size_t)byte_count);
}

void ganrm_weights_pack(
    const ganrm_unpacked_weights *weights, ganrm_dtype dtype, int64_t inner, int64_t columns,
    int64_t first, int64_t groups, void *panels, float *scales, int32_t *weight_sums) {
    int64_t cells = ganrm_cell_count(dtype, inner), padded = ganrm_padded_columns(columns);
    int64_t length = inner / groups;
    float values[inner], rounded[inner];
    for (int64_t row = 0; row < weights->rows; row++) {
        int64_t column = first + row;
        int32_t *panel = (int32_t *)panels
            + column / GANRM_PANEL_COLUMNS * GANRM_PANEL_COLUMNS * cells
            + column % GANRM_PANEL_COLUMNS;
        scale_row(weights, inner, row, values);
        switch (dtype) {
        case GANRM_F32: store_column(values, 4 * inner, panel); break;
        case GANRM_BF16:
            for (int64_t k = 0; k < inner; k++)
                ((uint16_t *)rounded)[k] = ganrm_bf16_from_f32(values[k]);
            store_column(rounded, 2 * inner, panel);
            break;
        case GANRM_INT8:
            for (int64_t g = 0; g < groups; g++) {
                const float *group = values + g * length;
                float *scale = scales + g * padded + column;
                *scale = symmetric_scale(group, length);
                weight_sums[g * padded + column] =
                    quantize(group, length, *scale, (int8_t *)rounded + g * length);
            }
            store_column(rounded, inner, panel);
        }
    }
}
