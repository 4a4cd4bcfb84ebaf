/// Linear layers in terms of vectors.
///
/// GROUP columns of the weights, which stay in the second-level cache, meet all rows; then the next ones do,
/// which were fetched meanwhile. Sums of a block of rows become results while the next block is multiplied: what
/// that takes fits between the products.

enum { GROUP = VECTORS * GANRM_LANES };

/// x/2 and what an activation has beyond that.
INLINE floats activated(floats x, const activation_table *table) {
    floats y = (floats)((ints)x & 0x7fffffff) * table->rate;
    floats shifted = y + shifter, last = (floats)0 + (shifter + ACTIVATION_PIECES - 1);
    shifted = choose(shifted < last, shifted, last);
    floats left = y - (shifted - shifter);
    floats sum = look_up(table->terms[table->degree], (ints)shifted);
    for (int i = table->degree - 1; i >= 0; i--)
        sum = sum * left + look_up(table->terms[i], (ints)shifted);
    return x * 0.5f + sum;
}

/// What the sums of GROUP columns are to become: where the layer's numbers for them begin.
typedef struct {
    int64_t column;
    const float *bias;
    /// Of bytes.
    const float *scales;
    const int32_t *byte_sums;
    const ganrm_byte_scale *row_scales;
} column_numbers;

/// GROUP columns of a few rows.
typedef struct {
    _Alignas(64) float sums[ROWS * GROUP];
    column_numbers columns;
    int64_t row;
    /// How many; 0: none yet.
    int rows;
} block_sums;

/// The sums of a block's row `i` become floats.
INLINE void convert_sums(cell_kind kind, const block_sums *block, int i, floats x[VECTORS]) {
    const column_numbers *columns = &block->columns;
    for (int v = 0; v < VECTORS; v++) {
        int first = v * GANRM_LANES;
        floats sum = load(block->sums + i * GROUP + first), bias = load(columns->bias + first);
        if (kind == QUADS) {
            ganrm_byte_scale scale = columns->row_scales[block->row + i];
            floats scales = load(columns->scales + first) * scale.one;
            ints whole = (ints)sum - load_cells(columns->byte_sums + first) * scale.zero;
            x[v] = __builtin_convertvector(whole, floats) * scales + bias;
        } else {
            x[v] = sum + bias;
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

/// Row `i` of a block becomes a result.
INLINE void finish_row(
    cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights,
    const block_sums *block, int i) {
    floats x[VECTORS];
    int64_t row = block->row + i, column = block->columns.column;
    convert_sums(kind, block, i, x);
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

/// A part of GROUP columns that all rows meet.
typedef struct {
    column_numbers columns;
    /// The first row's part of x, and its length in cells.
    const int32_t *left;
    int64_t steps;
    right_side right;
    /// Cells to be fetched meanwhile, and how many with each row.
    const int32_t *ahead;
    int64_t share;
} column_task;

/// Multiplies a part of `rows` rows, finishes the rows of the last block and fetches meanwhile.
INLINE void next_block(
    cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights, column_task task,
    int64_t row, int rows, block_sums *last) {
    int64_t stride = layer->stride / 4;
    const int32_t *left = task.left + row * stride;
    floats sums[ROWS][VECTORS];
    begin_sums(rows, VECTORS, task.right, sums);
    const int32_t *ahead = task.ahead + row * task.share;
    int64_t first = 0;
    // Not laid out row by row, which would fill the instruction cache.
#pragma clang loop unroll(disable)
    for (int i = 0; i < last->rows; i++) {
        int64_t end = first + task.steps / ROWS;
        add_products(kind, rows, VECTORS, left, stride, task.right, first, end, sums);
        finish_row(kind, layer, weights, last, i);
        fetch(ahead, task.share);
        ahead += task.share;
        first = end;
    }
    add_products(kind, rows, VECTORS, left, stride, task.right, first, task.steps, sums);
    end_sums(rows, VECTORS, task.right, sums, last->sums, GROUP);
    last->columns = task.columns;
    last->row = row;
    last->rows = rows;
}

/// A part of the GROUP columns from `column` on.
INLINE column_task part_of_columns(
    const ganrm_linear *layer, const ganrm_weights *weights, int64_t column, int64_t part) {
    static const float no_bias[GROUP];
    int64_t cells = ganrm_cells(weights->number, weights->inner), steps = cells / weights->parts;
    int64_t place = part * ganrm_padded_columns(weights->columns) + column;
    int64_t visits = layer->rows * weights->parts;
    bool fetches = layer->rows >= MANY_ROWS && column + GROUP < weights->columns;
    int64_t share = fetches ? (GROUP * cells + visits - 1) / visits : 0;
    const int32_t *panel = (const int32_t *)weights->panels
        + column / GANRM_PANEL * GANRM_PANEL * cells + column % GANRM_PANEL;
    return (column_task){
        .columns = {
            column, part == 0 ? weights->bias + column : no_bias, weights->scales + place,
            weights->sums + place, layer->scales + part * layer->rows},
        .left = (const int32_t *)layer->x + part * steps,
        .steps = steps,
        .right = {
            panel + part * steps * GANRM_PANEL,
            GANRM_LANES == GANRM_PANEL ? GANRM_PANEL * cells : GANRM_LANES, GANRM_PANEL},
        .ahead = panel + GROUP * cells + part * layer->rows * share,
        .share = share};
}

INLINE void all_blocks(cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights) {
    block_sums last = {.rows = 0};
    for (int64_t column = 0; column < weights->columns; column += GROUP)
        for (int64_t part = 0; part < weights->parts; part++) {
            column_task task = part_of_columns(layer, weights, column, part);
            int64_t row = 0;
            for (; row + ROWS <= layer->rows; row += ROWS)
                next_block(kind, layer, weights, task, row, ROWS, &last);
            for (; row + ROWS / 3 <= layer->rows; row += ROWS / 3)
                next_block(kind, layer, weights, task, row, ROWS / 3, &last);
            for (; row < layer->rows; row++) next_block(kind, layer, weights, task, row, 1, &last);
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
