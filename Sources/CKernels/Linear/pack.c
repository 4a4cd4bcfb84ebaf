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

/// Elements of a weight row that are processed at a time, a whole number of cells.
enum { CHUNK = 1024 };

/// Copies `count` elements of a row of the weights, from `first` on, multiplied by their factors.
static void scale_elements(
    const ganrm_unpacked_weights *weights, int64_t inner, int64_t row, int64_t first,
    int64_t count, float *out) {
    const float *values = weights->values + row * inner + first;
    float factor = weights->row_factors ? weights->row_factors[row] : 1;
    for (int64_t k = 0; k < count; k++) out[k] = values[k] * factor;
    if (!weights->inner_factors) return;
    for (int64_t k = 0; k < count; k++) out[k] *= weights->inner_factors[first + k];
}

/// Bits of the maximum magnitude of values and `max_bits`.
static int32_t max_magnitude_bits(const float *values, int64_t count, int32_t max_bits) {
    // The bits of non-negative floats have the order of their values; NaN is above all.
    for (int64_t k = 0; k < count; k++) {
        int32_t bits;
        memcpy(&bits, values + k, sizeof bits);
        bits &= 0x7fffffff;
        max_bits = bits > max_bits ? bits : max_bits;
    }
    return max_bits;
}

/// Scale of a symmetric quantization of a group to ±127; NaN if a value is NaN.
static float symmetric_scale(
    const ganrm_unpacked_weights *weights, int64_t inner, int64_t row, int64_t first,
    int64_t count, bool limits_pairs) {
    int32_t max_bits = 0;
    float values[CHUNK], pairs[CHUNK / 2];
    for (int64_t k = 0; k < count; k += CHUNK) {
        int64_t length = count - k < CHUNK ? count - k : CHUNK;
        scale_elements(weights, inner, row, first + k, length, values);
        max_bits = max_magnitude_bits(values, length, max_bits);
        if (!limits_pairs) continue;
        for (int64_t i = 0; i < length / 2; i++) pairs[i] = values[2 * i] + values[2 * i + 1];
        max_bits = max_magnitude_bits(pairs, length / 2, max_bits);
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

/// Stores cells of a column in its panel; an incomplete cell is zero-padded.
static void store_cells(const void *values, int64_t byte_count, int32_t *panel) {
    const char *bytes = values;
    for (; byte_count >= 4; byte_count -= 4, bytes += 4, panel += GANRM_PANEL_COLUMNS)
        memcpy(panel, bytes, 4);
    if (byte_count == 0) return;
    *panel = 0;
    memcpy(panel, bytes, (size_t)byte_count);
}

/// Packs `count` elements of a row, from `first` on; returns their sum after quantization.
static int32_t pack_elements(
    const ganrm_unpacked_weights *weights, ganrm_dtype dtype, int64_t inner, int64_t row,
    int64_t first, int64_t count, float scale, int32_t *column) {
    int32_t sum = 0;
    for (int64_t k = first; k < first + count; k += CHUNK) {
        int64_t left = first + count - k, length = left < CHUNK ? left : CHUNK;
        int32_t *panel = column + k / cell_length(dtype) * GANRM_PANEL_COLUMNS;
        float values[CHUNK];
        union {
            uint16_t bf16[CHUNK];
            int8_t int8[CHUNK];
        } rounded;
        scale_elements(weights, inner, row, k, length, values);
        switch (dtype) {
        case GANRM_F32: store_cells(values, 4 * length, panel); break;
        case GANRM_BF16:
            for (int64_t i = 0; i < length; i++) rounded.bf16[i] = ganrm_bf16_from_f32(values[i]);
            store_cells(rounded.bf16, 2 * length, panel);
            break;
        case GANRM_INT8:
            sum += quantize(values, length, scale, rounded.int8);
            store_cells(rounded.int8, length, panel);
        }
    }
    return sum;
}

void ganrm_weights_pack(
    const ganrm_unpacked_weights *weights, ganrm_dtype dtype, int64_t inner, int64_t columns,
    int64_t first, int64_t groups, bool limits_pairs, void *panels, float *scales, float *weight_sums) {
    int64_t cells = ganrm_cell_count(dtype, inner), padded = ganrm_padded_columns(columns);
    int64_t length = inner / groups;
    for (int64_t row = 0; row < weights->rows; row++) {
        int64_t column = first + row;
        int32_t *panel = (int32_t *)panels
            + column / GANRM_PANEL_COLUMNS * GANRM_PANEL_COLUMNS * cells
            + column % GANRM_PANEL_COLUMNS;
        if (dtype != GANRM_INT8) {
            pack_elements(weights, dtype, inner, row, 0, inner, 1, panel);
            continue;
        }
        for (int64_t g = 0; g < groups; g++) {
            float scale = symmetric_scale(weights, inner, row, g * length, length, limits_pairs);
            scales[g * padded + column] = scale;
            int32_t sum = pack_elements(weights, dtype, inner, row, g * length, length, scale, panel);
            weight_sums[g * padded + column] = (float)sum;
        }
    }
}
