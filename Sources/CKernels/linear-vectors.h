/// Linear layers in terms of vectors.
///
/// GROUP columns of the weights, which stay in the second-level cache, meet all rows; then the next ones do,
/// which were fetched meanwhile. Sums of a block of rows become results while the next block is multiplied: what
/// that takes fits between the products.

enum { GROUP = VECTORS * GANRM_LANES };

/// x/2 and what an activation has beyond that.
INLINE floats activated(floats x, const activation_table *table) {
    const float shifter = 12582912;  // 1.5 · 2²³: adding it rounds to an integer
    floats y = (floats)((ints)x & 0x7fffffff) * table->rate;
    floats shifted = y + shifter, last = (floats)0 + (shifter + ACTIVATION_PIECES - 1);
    shifted = choose(shifted < last, shifted, last);
    floats left = y - (shifted - shifter);
    floats sum = look_up(table->terms[table->degree], (ints)shifted);
    for (int i = table->degree - 1; i >= 0; i--)
        sum = sum * left + look_up(table->terms[i], (ints)shifted);
    return x * 0.5f + sum;
}

/// A row's sums become floats.
INLINE void convert_sums(
    const ganrm_linear *layer, const ganrm_weights *weights, int64_t row, int64_t column,
    cell_kind kind, const float *sums, floats x[VECTORS]) {
    for (int v = 0; v < VECTORS; v++) {
        int64_t first = column + v * GANRM_LANES;
        if (kind == QUADS) {
            ganrm_byte_scale scale = layer->scales[row];
            floats scales = load(weights->scales + first) * scale.one;
            ints whole = (ints)load(sums + v * GANRM_LANES)
                - load_cells(weights->sums + first) * scale.zero;
            x[v] = __builtin_convertvector(whole, floats) * scales + load(weights->bias + first);
        } else {
            x[v] = load(sums + v * GANRM_LANES) + load(weights->bias + first);
        }
    }
}

INLINE void activate_all(floats x[VECTORS], const activation_table *table) {
    for (int v = 0; v < VECTORS; v++) x[v] = activated(x[v], table);
}

INLINE void activate(floats x[VECTORS], ganrm_activation activation, bool is_coarse) {
    switch (activation) {
    case GANRM_NO_ACTIVATION: break;
    case GANRM_QUICK_GELU:
        if (is_coarse) activate_all(x, &coarse_quick_gelu);
        else activate_all(x, &quick_gelu);
        break;
    case GANRM_GELU:
        if (is_coarse) activate_all(x, &coarse_gelu);
        else activate_all(x, &gelu);
    }
}

INLINE void store_result(
    const ganrm_linear *layer, int64_t place, const floats x[VECTORS]) {
    float *out = (float *)layer->out + place;
    switch (layer->destination) {
    case GANRM_STORE_F32:
        for (int v = 0; v < VECTORS; v++) store(out + v * GANRM_LANES, x[v]);
        break;
    case GANRM_STORE_BF16:
        for (int v = 0; v < VECTORS; v++)
            store_bf16((uint16_t *)layer->out + place + v * GANRM_LANES, x[v]);
        break;
    case GANRM_ADD_F32:
        for (int v = 0; v < VECTORS; v++)
            store(out + v * GANRM_LANES, load(out + v * GANRM_LANES) + x[v]);
    }
}

/// The first `count` columns, fewer than GROUP.
INLINE void store_part_of_result(
    const ganrm_linear *layer, int64_t place, const floats x[VECTORS], int64_t count) {
    float numbers[GROUP], *out = (float *)layer->out + place;
    memcpy(numbers, x, sizeof numbers);
    for (int64_t i = 0; i < count; i++) {
        switch (layer->destination) {
        case GANRM_STORE_F32: out[i] = numbers[i]; break;
        case GANRM_STORE_BF16: ((uint16_t *)layer->out)[place + i] = ganrm_bf16(numbers[i]); break;
        case GANRM_ADD_F32: out[i] += numbers[i];
        }
    }
}

/// GROUP columns of a few rows.
typedef struct {
    _Alignas(64) float sums[ROWS * GROUP];
    int64_t row, column;
    /// How many; 0: none yet.
    int rows;
} block_sums;

/// Row `i` of a block becomes a result.
INLINE void finish_row(
    cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights,
    const block_sums *block, int i) {
    floats x[VECTORS];
    int64_t row = block->row + i, column = block->column;
    convert_sums(layer, weights, row, column, kind, block->sums + i * GROUP, x);
    activate(x, layer->activation, layer->destination == GANRM_STORE_BF16);
    int64_t place = row * layer->out_stride + column, left = weights->columns - column;
    if (left >= GROUP) store_result(layer, place, x);
    else store_part_of_result(layer, place, x, left);
}

/// Rows from which on the next columns are fetched: with fewer, floats and bfloat16 are faster by the processor's
/// own guesses.
enum { MANY_ROWS = 96 };

INLINE void fetch(const int32_t *cells, int64_t count) {
    const int64_t line = 64 / sizeof *cells;
    for (int64_t i = 0; i < count; i += line) __builtin_prefetch(cells + i, 0, 2);
}

/// Multiplies `rows` rows with GROUP columns, finishes the rows of the last block and fetches the next columns
/// meanwhile, `share` cells with each row.
INLINE void next_block(
    cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights, int64_t steps,
    int64_t row, int rows, int64_t column, int64_t share, block_sums *last) {
    right_side right = {
        (const int32_t *)weights->panels + column / GANRM_PANEL * GANRM_PANEL * steps
            + column % GANRM_PANEL,
        GANRM_LANES == GANRM_PANEL ? GANRM_PANEL * steps : GANRM_LANES, GANRM_PANEL};
    const int32_t *left = (const int32_t *)((const char *)layer->x + row * layer->stride);
    int64_t stride = layer->stride / 4;
    floats sums[ROWS][VECTORS];
    begin_sums(rows, VECTORS, right, sums);
    const int32_t *ahead = right.cells + GROUP * steps + row * share;
    int64_t first = 0;
    // Not laid out row by row, which would fill the instruction cache.
#pragma clang loop unroll(disable)
    for (int i = 0; i < last->rows; i++) {
        int64_t end = first + steps / ROWS;
        add_products(kind, rows, VECTORS, left, stride, right, first, end, sums);
        finish_row(kind, layer, weights, last, i);
        fetch(ahead, share);
        ahead += share;
        first = end;
    }
    add_products(kind, rows, VECTORS, left, stride, right, first, steps, sums);
    end_sums(rows, VECTORS, right, sums, last->sums, GROUP);
    last->row = row;
    last->column = column;
    last->rows = rows;
}

INLINE void all_blocks(cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights) {
    int64_t steps = ganrm_cells(weights->number, weights->inner);
    block_sums last = {.rows = 0};
    for (int64_t column = 0; column < weights->columns; column += GROUP) {
        bool fetches = layer->rows >= MANY_ROWS && column + GROUP < weights->columns;
        int64_t share = fetches ? (GROUP * steps + layer->rows - 1) / layer->rows : 0;
        int64_t row = 0;
        for (; row + ROWS <= layer->rows; row += ROWS)
            next_block(kind, layer, weights, steps, row, ROWS, column, share, &last);
        for (; row + ROWS / 3 <= layer->rows; row += ROWS / 3)
            next_block(kind, layer, weights, steps, row, ROWS / 3, column, share, &last);
        for (; row < layer->rows; row++)
            next_block(kind, layer, weights, steps, row, 1, column, share, &last);
    }
    for (int i = 0; i < last.rows; i++) finish_row(kind, layer, weights, &last, i);
}

KERNEL void linear(const ganrm_linear *layer, const ganrm_weights *weights) {
    switch (weights->number) {
    case GANRM_F32: all_blocks(FLOATS, layer, weights); break;
    case GANRM_BF16: all_blocks(PAIRS, layer, weights); break;
    case GANRM_INT8: all_blocks(QUADS, layer, weights); break;
    }
}
