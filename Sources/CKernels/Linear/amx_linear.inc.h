/// Template of bf16 and int8 linear layers with AMX: blocks of 32 rows by 32 columns, whose sums are four AMX tiles.

/// Rows of a block; the upper and the lower half share no AMX tile.
enum { AMX_BLOCK_ROWS = 2 * AMX_ROWS };

/// The product of up to AMX_BLOCK_ROWS rows with COLUMN_BLOCK columns.
typedef struct {
    /// First cells of the upper and of the lower rows, and their stride in bytes.
    const int32_t *upper, *lower;
    int64_t stride;
    right_operand right;
} amx_block;

/// Part `part` of the products over the AMX_CELLS cells from `cell` on: 0 and 1 are of the upper rows, 2 and 3 of the
/// lower ones.
INLINE void amx_multiply_part(cell_type type, int part, const amx_block *block, int64_t cell) {
    const int32_t *right = block->right.cells + cell * GANRM_PANEL_COLUMNS;
    switch (part) {
    case 0:
        amx_load(4, block->upper + cell, block->stride);
        amx_load(6, right, 64);
        AMX_DOT(type, 0, 4, 6);
        break;
    case 1:
        amx_load(7, right + block->right.vector_stride, 64);
        AMX_DOT(type, 1, 4, 7);
        break;
    case 2:
        amx_load(5, block->lower + cell, block->stride);
        AMX_DOT(type, 2, 5, 6);
        break;
    case 3: AMX_DOT(type, 3, 5, 7);
    }
}

/// Adds the products over the last cells, which do not fill an AMX tile, to a row's sums.
INLINE void amx_add_rest(
    cell_type type, const int32_t *left, right_operand right, int64_t first, int64_t end,
    float *row_sums) {
    vec_f32 sums[TILE_ROWS][TILE_VECTORS];
    for (int v = 0; v < TILE_VECTORS; v++) sums[0][v] = load(row_sums + v * GANRM_LANES);
    add_products(type, 1, TILE_VECTORS, left, 0, right, first, end, sums);
    store_sums(1, TILE_VECTORS, right, sums, row_sums, 0);
}

/// Multiplies the next block, interleaved with the epilogue of the pending one and with prefetching.
///
/// All AMX tiles have `tile_rows` rows, at most `args->rows`. Where fewer rows are left, they begin earlier, and rows
/// of the block before are computed again, with the same sums: a row's sums depend on that row alone.
INLINE void amx_next_block(
    cell_type type, const ganrm_linear_args *args, const ganrm_linear_weights *weights,
    column_task task, int64_t row, int tile_rows, pending_block *pending) {
    int64_t left_stride = args->stride / 4, last = args->rows - tile_rows;
    int64_t upper = row < last ? row : last;
    int64_t lower = row + AMX_ROWS < last ? row + AMX_ROWS : last;
    amx_block block = {
        task.left + upper * left_stride, task.left + lower * left_stride, args->stride, task.right};
    const int32_t *ahead = task.ahead + row * task.ahead_per_row;
    const bool has_lower = args->rows - row > AMX_ROWS;
    const int log2_parts = has_lower ? 2 : 1;
    const int64_t parts = task.steps / AMX_CELLS << log2_parts;
    int done = 0;
    amx_zero(0);
    amx_zero(1);
    amx_zero(2);
    amx_zero(3);
    // Spread evenly over the parts, the epilogue's vector work costs almost no time.
    int64_t due = 0;
#pragma clang loop unroll(disable)
    for (int64_t i = 0; i < parts; i++) {
        int part = (int)(i & ((1 << log2_parts) - 1));
        amx_multiply_part(type, part, &block, (i >> log2_parts) * AMX_CELLS);
#pragma clang loop unroll(disable)
        for (due += pending->rows; due >= parts; due -= parts) {
            prefetch_result(args, (row + done) * args->out_stride + task.columns.column);
            finish_row(type, args, weights, pending, done++);
            prefetch(ahead, task.ahead_per_row);
            ahead += task.ahead_per_row;
        }
    }
#pragma clang loop unroll(disable)
    while (done < pending->rows) finish_row(type, args, weights, pending, done++);
    float *upper_sums = pending->sums + (upper - row) * COLUMN_BLOCK;
    float *lower_sums = pending->sums + (lower - row) * COLUMN_BLOCK;
    enum { stride = COLUMN_BLOCK * sizeof(float) };
    amx_store(0, upper_sums, stride);
    amx_store(1, upper_sums + GANRM_LANES, stride);
    if (has_lower) {
        amx_store(2, lower_sums, stride);
        amx_store(3, lower_sums + GANRM_LANES, stride);
    }
    pending->columns = task.columns;
    pending->row = row;
    pending->rows = (int)(args->rows - row < AMX_BLOCK_ROWS ? args->rows - row : AMX_BLOCK_ROWS);
    if (task.steps % AMX_CELLS == 0) return;
    for (int r = 0; r < pending->rows; r++)
        amx_add_rest(
            type, task.left + (row + r) * left_stride, task.right,
            task.steps / AMX_CELLS * AMX_CELLS, task.steps, pending->sums + r * COLUMN_BLOCK);
}

INLINE void amx_all_blocks(
    cell_type type, const ganrm_linear_args *args, const ganrm_linear_weights *weights) {
    // Rows that are computed again are above the block's.
    _Alignas(64) float sums[(AMX_ROWS + AMX_BLOCK_ROWS) * COLUMN_BLOCK];
    pending_block pending = {.sums = sums + AMX_ROWS * COLUMN_BLOCK, .rows = 0};
    int tile_rows = args->rows < AMX_ROWS ? (int)args->rows : AMX_ROWS;
    amx_shapes shapes = amx_shapes_of_rows(tile_rows);
    amx_configure(&shapes);
    for (int64_t column = 0; column < weights->columns; column += COLUMN_BLOCK)
        for (int64_t group = 0; group < weights->groups; group++) {
            column_task task = column_task_at(args, weights, column, group);
            for (int64_t row = 0; row < args->rows; row += AMX_BLOCK_ROWS)
                amx_next_block(type, args, weights, task, row, tile_rows, &pending);
        }
    for (int i = 0; i < pending.rows; i++) finish_row(type, args, weights, &pending, i);
    amx_release();
}
