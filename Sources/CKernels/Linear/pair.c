#include "Cpu/levels.h"

#include <string.h>

/// The largest sum of products that can be added in 16 bits, divided by that of a byte: 255 · 128 ≤ 32767.
enum { MAX_SUM = 128 };

/// Halves of the cells of a panel's columns at one step.
enum { HALVES = 2 * GANRM_PANEL_COLUMNS };

/// The sum of the positive weights of each half, and that of the negative ones.
typedef struct {
    uint8_t sums[2 * HALVES];
} cell_sums;

/// Scratch memory for the cells of one group of a panel.
typedef struct {
    cell_sums *sums;
    /// The cells before they are reordered, `[cells, GANRM_PANEL_COLUMNS]`.
    int32_t *cells;
    uint8_t *largest;  ///< Largest sum of each cell.
    int32_t *next;     ///< Linked list of the cells that have no partner yet; −1 ends it.
} pairing_scratch;

static int64_t cells_of_group(int64_t inner, int64_t groups) {
    return ganrm_cell_count(GANRM_INT8, inner) / groups;
}

int64_t ganrm_weights_pair_scratch(int64_t inner, int64_t groups) {
    int64_t bytes_per_cell = sizeof(cell_sums) + (GANRM_PANEL_COLUMNS + 1) * sizeof(int32_t) + 1;
    return cells_of_group(inner, groups) * bytes_per_cell;
}

static pairing_scratch scratch_at(void *memory, int64_t cells) {
    pairing_scratch scratch = {.sums = memory};
    scratch.cells = (int32_t *)(scratch.sums + cells);
    scratch.next = scratch.cells + cells * GANRM_PANEL_COLUMNS;
    scratch.largest = (uint8_t *)(scratch.next + cells);
    return scratch;
}

/// Sums of a cell; returns the largest.
static uint8_t sum_cell(const int32_t *cell, cell_sums *out) {
    int16_t halves[HALVES];
    memcpy(halves, cell, sizeof halves);
    for (int i = 0; i < HALVES; i++) {
        int16_t a = (int8_t)halves[i], b = (int16_t)(halves[i] >> 8);
        out->sums[i] = (uint8_t)((a > 0 ? a : 0) + (b > 0 ? b : 0));
        out->sums[HALVES + i] = (uint8_t)((a < 0 ? -a : 0) + (b < 0 ? -b : 0));
    }
    uint8_t largest = 0;
    for (int i = 0; i < 2 * HALVES; i++) largest = out->sums[i] > largest ? out->sums[i] : largest;
    return largest;
}

static bool fit_together(const cell_sums *a, const cell_sums *b) {
    uint8_t excess = 0;
    for (int i = 0; i < 2 * HALVES; i++) excess |= a->sums[i] > (uint8_t)(MAX_SUM - b->sums[i]);
    return !excess;
}

/// Links all cells, those with the largest sums first; returns the first.
static int32_t link_cells(int64_t cells, const pairing_scratch *scratch) {
    int32_t first[UINT8_MAX + 1];
    memset(first, -1, sizeof first);
    int32_t list = -1, last[UINT8_MAX + 1];
    for (int64_t c = cells - 1; c >= 0; c--) {
        uint8_t sum = scratch->largest[c];
        if (first[sum] < 0) last[sum] = (int32_t)c;
        scratch->next[c] = first[sum];
        first[sum] = (int32_t)c;
    }
    for (int sum = 0; sum <= UINT8_MAX; sum++) {
        if (first[sum] < 0) continue;
        scratch->next[last[sum]] = list;
        list = first[sum];
    }
    return list;
}

/// Orders the cells of a group, those in pairs first; returns how many these are. The cells with the largest sums choose
/// first, and take the next one that fits.
static int64_t pair_cells(int64_t cells, const pairing_scratch *scratch, uint16_t *order) {
    int64_t paired = 0, singles = 0;
    int32_t list = link_cells(cells, scratch);
    while (list >= 0) {
        int32_t cell = list, *link = &scratch->next[cell];
        while (*link >= 0 && !fit_together(&scratch->sums[cell], &scratch->sums[*link]))
            link = &scratch->next[*link];
        int32_t partner = *link;
        if (partner >= 0) {
            order[paired++] = (uint16_t)cell;
            order[paired++] = (uint16_t)partner;
            *link = scratch->next[partner];
        } else {
            order[cells - ++singles] = (uint16_t)cell;
        }
        list = scratch->next[cell];
    }
    return paired;
}

void ganrm_weights_pair(
    int64_t inner, int64_t columns, int64_t groups, void *panels, uint16_t *offsets, uint16_t *paired,
    void *memory) {
    int64_t cells = cells_of_group(inner, groups);
    int64_t parts = ganrm_padded_columns(columns) / GANRM_PANEL_COLUMNS * groups;
    pairing_scratch scratch = scratch_at(memory, cells);
    int32_t *cell = panels;
    for (int64_t part = 0; part < parts; part++) {
        size_t bytes = GANRM_PANEL_COLUMNS * sizeof *cell;
        memcpy(scratch.cells, cell, (size_t)cells * bytes);
        for (int64_t c = 0; c < cells; c++)
            scratch.largest[c] = sum_cell(cell + c * GANRM_PANEL_COLUMNS, &scratch.sums[c]);
        paired[part] = (uint16_t)pair_cells(cells, &scratch, offsets);
        for (int64_t c = 0; c < cells; c++, cell += GANRM_PANEL_COLUMNS, offsets++) {
            memcpy(cell, scratch.cells + *offsets * GANRM_PANEL_COLUMNS, bytes);
            *offsets *= 4;
        }
    }
}
