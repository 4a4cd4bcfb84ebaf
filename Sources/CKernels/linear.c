#include "kernels.h"

#include <math.h>
#include <string.h>

/// Numbers in a cell.
static int64_t cell_length(ganrm_number number) {
    return number == GANRM_F32 ? 1 : number == GANRM_BF16 ? 2 : 4;
}

int64_t ganrm_cells(ganrm_number number, int64_t inner) {
    int64_t length = cell_length(number);
    return (inner + length - 1) / length;
}

int64_t ganrm_panel_bytes(ganrm_number number, int64_t inner, int64_t columns) {
    int64_t groups = (columns + GANRM_COLUMN_GROUP - 1) / GANRM_COLUMN_GROUP;
    return groups * GANRM_COLUMN_GROUP * ganrm_cells(number, inner) * 4;
}

/// What 1 is worth if the largest number of a column becomes 127.
static float column_scale(const float *column, int64_t inner) {
    float largest = 0;
    for (int64_t k = 0; k < inner; k++) largest = fmaxf(largest, fabsf(column[k]));
    return largest > 0 ? largest / 127 : 1;
}

/// Writes a column of a panel and nothing else; of bytes, adds them up.
static void pack_column(
    const float *column, ganrm_number number, int64_t inner, float scale, char *out, int32_t *sum) {
    int64_t length = cell_length(number);
    for (int64_t k = 0; k < inner; k++) {
        char *cell = out + k / length * GANRM_PANEL * 4;
        switch (number) {
        case GANRM_F32: memcpy(cell, column + k, 4); break;
        case GANRM_BF16: {
            uint16_t bits = ganrm_bf16(column[k]);
            memcpy(cell + k % 2 * 2, &bits, 2);
            break;
        }
        case GANRM_INT8: {
            int8_t byte = (int8_t)lrintf(column[k] / scale);
            *sum += byte;
            memcpy(cell + k % 4, &byte, 1);
        }
        }
    }
}

void ganrm_pack(
    const float *weights, ganrm_number number, int64_t inner, int64_t columns, void *panels,
    float *scales, int32_t *sums) {
    int64_t cells = ganrm_cells(number, inner);
    memset(panels, 0, (size_t)ganrm_panel_bytes(number, inner, columns));
    for (int64_t c = 0; c < columns; c++) {
        const float *column = weights + c * inner;
        float scale = number == GANRM_INT8 ? column_scale(column, inner) : 1;
        if (number == GANRM_INT8) {
            scales[c] = scale;
            sums[c] = 0;
        }
        char *place = (char *)panels + (c / GANRM_PANEL * cells * GANRM_PANEL + c % GANRM_PANEL) * 4;
        pack_column(column, number, inner, scale, place, number == GANRM_INT8 ? sums + c : NULL);
    }
}
