/// Template of linear layers.
///
/// COLUMN_BLOCK columns of the weights, which stay in the L2 cache, are multiplied with all rows; the next columns are
/// prefetched meanwhile. The epilogue of a block of rows (dequantization, bias, activation, storing) is interleaved
/// with the products of the next block, so that it runs in their shadow.

enum { COLUMN_BLOCK = TILE_VECTORS * GANRM_LANES };

/// Rows that are multiplied together: pairs of cells leave registers for four if there are 16.
INLINE int layer_rows(cell_type type) {
    return ADDS_INT8_PAIRS && GANRM_LANES == 8 && type == INT8X4 ? 4 : TILE_ROWS;
}

/// `add_products` of a layer's weights.
INLINE void add_layer_products(
    cell_type type, int rows, const int32_t *a, int64_t a_stride, right_operand b, int64_t first, int64_t end,
    vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
#if ADDS_INT8_PAIRS
    if (type == INT8X4) {
        add_paired_products(rows, a, a_stride, b, first, end, sums);
        return;
    }
#endif
    add_products(type, rows, TILE_VECTORS, a, a_stride, b, first, end, sums);
}

/// Evaluates an activation: x/2 plus the table's even function.
INLINE vec_f32 activated(vec_f32 x, const activation_table *table) {
    vec_f32 y = (vec_f32)((vec_i32)x & 0x7fffffff) * table->pieces_per_unit;
    vec_f32 shifted = y + rounding_magic;
    vec_f32 last = (vec_f32)0 + (rounding_magic + ACTIVATION_PIECES - 1);
    shifted = smaller(shifted, last);
    vec_f32 rest = y - (shifted - rounding_magic);
    vec_f32 sum = look_up(table->coefficients[table->degree], (vec_i32)shifted);
    for (int i = table->degree - 1; i >= 0; i--)
        sum = sum * rest + look_up(table->coefficients[i], (vec_i32)shifted);
    return x * 0.5f + sum;
}

/// The layer's parameters for COLUMN_BLOCK columns of one quantization group, from `column` on.
typedef struct {
    int64_t column;
    const float *bias;
    /// int8 only, as the next two.
    const float *scales;
    const float *weight_sums;
    const ganrm_quantization *quantization;
} column_params;

/// Sums of COLUMN_BLOCK columns of a block of rows, waiting for the epilogue.
typedef struct {
    /// `[rows, COLUMN_BLOCK]`
    float *sums;
    column_params columns;
    int64_t row;
    /// Number of rows; 0 before the first block.
    int rows;
} pending_block;

/// Sums of row `i` of a block → f32 with bias.
INLINE void dequantize_sums(
    cell_type type, const pending_block *block, int i, vec_f32 x[TILE_VECTORS]) {
    const column_params *columns = &block->columns;
    for (int v = 0; v < TILE_VECTORS; v++) {
        int first = v * GANRM_LANES;
        vec_f32 sum = load(block->sums + i * COLUMN_BLOCK + first);
        vec_f32 bias = load(columns->bias + first);
        if (type == INT8X4) {
            ganrm_quantization row = columns->quantization[block->row + i];
            vec_f32 scales = load(columns->scales + first) * row.scale;
            vec_f32 whole = __builtin_convertvector((vec_i32)sum, vec_f32)
                - load(columns->weight_sums + first) * (float)row.zero_point;
            x[v] = whole * scales + bias;
        } else {
            x[v] = sum + bias;
        }
    }
}

INLINE void activate_all(vec_f32 x[TILE_VECTORS], const activation_table *table) {
    for (int v = 0; v < TILE_VECTORS; v++) x[v] = activated(x[v], table);
}

INLINE void activate(vec_f32 x[TILE_VECTORS], ganrm_activation activation, bool for_bf16) {
    switch (activation) {
    case GANRM_NO_ACTIVATION: break;
    case GANRM_QUICK_GELU:
        if (for_bf16) activate_all(x, &quick_gelu_bf16);
        else activate_all(x, &quick_gelu_f32);
        break;
    case GANRM_GELU:
        if (for_bf16) activate_all(x, &gelu_bf16);
        else activate_all(x, &gelu_f32);
        break;
    case GANRM_RELU:
        for (int v = 0; v < TILE_VECTORS; v++) x[v] = larger(0, x[v]);
    }
}

INLINE void store_result(
    const ganrm_linear_args *args, int64_t index, const vec_f32 x[TILE_VECTORS]) {
    float *out = (float *)args->out + index;
    switch (args->destination) {
    case GANRM_STORE_F32:
    case GANRM_ADD_F32:
        for (int v = 0; v < TILE_VECTORS; v++) store(out + v * GANRM_LANES, x[v]);
        break;
    case GANRM_STORE_BF16:
        store_two_bf16((uint16_t *)args->out + index, x[0], x[1]);
    }
}

/// Stores the first `count` columns, fewer than COLUMN_BLOCK.
INLINE void store_part_of_result(
    const ganrm_linear_args *args, int64_t index, const vec_f32 x[TILE_VECTORS], int64_t count) {
    float values[COLUMN_BLOCK], *out = (float *)args->out + index;
    memcpy(values, x, sizeof values);
    for (int64_t i = 0; i < count; i++) {
        if (args->destination == GANRM_STORE_BF16)
            ((uint16_t *)args->out)[index + i] = ganrm_bf16_from_f32(values[i]);
        else out[i] = values[i];
    }
}

/// Vector `v` of what is in memory of a row of a block, of which `left` columns exist.
INLINE vec_f32 load_result(const float *out, int v, int64_t left) {
    int64_t first = v * GANRM_LANES;
    return left <= first ? 0 : load_up_to(out + first, left - first, 0);
}

/// Epilogue of row `i` of a block.
INLINE void finish_row(
    cell_type type, const ganrm_linear_args *args, const ganrm_linear_weights *weights,
    const pending_block *block, int i) {
    vec_f32 x[TILE_VECTORS];
    int64_t row = block->row + i, column = block->columns.column;
    int64_t index = row * args->out_stride + column, left = weights->columns - column;
    dequantize_sums(type, block, i, x);
    if (args->destination == GANRM_ADD_F32) {
        const float *out = (const float *)args->out + index;
        for (int v = 0; v < TILE_VECTORS; v++) x[v] += load_result(out, v, left);
    }
    activate(x, args->activation, args->destination == GANRM_STORE_BF16);
    if (left >= COLUMN_BLOCK) store_result(args, index, x);
    else store_part_of_result(args, index, x, left);
}

/// Minimum row count for prefetching the next columns: with fewer rows, f32 and bf16 are faster with the hardware
/// prefetcher alone.
enum { PREFETCH_MIN_ROWS = 96 };

INLINE void prefetch(const int32_t *cells, int64_t count) {
    const int64_t line = 64 / sizeof *cells;
    for (int64_t i = 0; i < count; i += line) __builtin_prefetch(cells + i, 0, 2);
}

/// Prefetches where the epilogue stores COLUMN_BLOCK columns of a row, after loading them for GANRM_ADD_F32. These cache
/// lines belong to no other block of columns, so they are seldom in the cache.
INLINE void prefetch_result(const ganrm_linear_args *args, int64_t index) {
    int64_t width = args->destination == GANRM_STORE_BF16 ? 2 : 4;
    const char *out = (const char *)args->out + index * width;
    for (int64_t i = 0; i < COLUMN_BLOCK * width; i += 64) __builtin_prefetch(out + i, 1);
}

/// The product of all rows with COLUMN_BLOCK columns, in one quantization group.
typedef struct {
    column_params columns;
    /// The first row's cells of the group, and their count.
    const int32_t *left;
    int64_t steps;
    right_operand right;
    /// Cells to prefetch, and how many with each row.
    const int32_t *ahead;
    int64_t ahead_per_row;
} column_task;

/// Multiplies the next block of `rows` rows, interleaved with the epilogue of the pending one and with prefetching.
INLINE void next_block(
    cell_type type, const ganrm_linear_args *args, const ganrm_linear_weights *weights,
    column_task task, int64_t row, int rows, pending_block *pending) {
    int64_t stride = args->stride / 4;
    const int32_t *left = task.left + row * stride;
    vec_f32 sums[TILE_ROWS][TILE_VECTORS];
    init_sums(rows, TILE_VECTORS, task.right, sums);
    const int32_t *ahead = task.ahead + row * task.ahead_per_row;
    int64_t first = 0;
    // Of few rows, two are finished together: less often, the loop of their products has to end.
    const int rows_at_once = layer_rows(type) < TILE_ROWS ? 2 : 1;
    // Unrolling would overflow the instruction cache.
#pragma clang loop unroll(disable)
    for (int i = 0; i < pending->rows; i++) {
        int64_t end = first;
        if (i % rows_at_once == 0) end += task.steps * rows_at_once / layer_rows(type);
        if (ADDS_INT8_PAIRS) end = end / 2 * 2;
        add_layer_products(type, rows, left, stride, task.right, first, end, sums);
        finish_row(type, args, weights, pending, i);
        prefetch_result(args, (row + i) * args->out_stride + task.columns.column);
        prefetch(ahead, task.ahead_per_row);
        ahead += task.ahead_per_row;
        first = end;
    }
    add_layer_products(type, rows, left, stride, task.right, first, task.steps, sums);
    store_sums(rows, TILE_VECTORS, task.right, sums, pending->sums, COLUMN_BLOCK);
    pending->columns = task.columns;
    pending->row = row;
    pending->rows = rows;
}

/// The task of the COLUMN_BLOCK columns from `column` on.
INLINE column_task column_task_at(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights, int64_t column,
    int64_t group) {
    static const float no_bias[COLUMN_BLOCK];
    int64_t cells = ganrm_cell_count(weights->dtype, weights->inner);
    int64_t steps = cells / weights->groups;
    int64_t index = group * ganrm_padded_columns(weights->columns) + column;
    int64_t visits = args->rows * weights->groups;
    bool prefetches = args->rows >= PREFETCH_MIN_ROWS && column + COLUMN_BLOCK < weights->columns;
    int64_t ahead_per_row = prefetches ? (COLUMN_BLOCK * cells + visits - 1) / visits : 0;
    int64_t first_panel = column / GANRM_PANEL_COLUMNS;
    const int32_t *panel = (const int32_t *)weights->panels
        + first_panel * GANRM_PANEL_COLUMNS * cells + column % GANRM_PANEL_COLUMNS;
    column_task task = {
        .columns = {
            column, group == 0 ? weights->bias + column : no_bias, weights->scales + index,
            weights->weight_sums + index, args->quantization + group * args->rows},
        .left = (const int32_t *)args->x + group * steps,
        .steps = steps,
        .right = {
            panel + group * steps * GANRM_PANEL_COLUMNS,
            GANRM_LANES == GANRM_PANEL_COLUMNS ? GANRM_PANEL_COLUMNS * cells : GANRM_LANES,
            GANRM_PANEL_COLUMNS},
        .ahead = panel + COLUMN_BLOCK * cells + group * args->rows * ahead_per_row,
        .ahead_per_row = ahead_per_row};
    if (ADDS_INT8_PAIRS && weights->dtype == GANRM_INT8)
        task.right.pairing = (panel_pairing){
            weights->offsets + first_panel * cells + group * steps, cells,
            weights->paired + first_panel * weights->groups + group, weights->groups};
    return task;
}

INLINE void all_blocks(
    cell_type type, const ganrm_linear_args *args, const ganrm_linear_weights *weights) {
    _Alignas(64) float sums[TILE_ROWS * COLUMN_BLOCK];
    pending_block pending = {.sums = sums, .rows = 0};
    const int many = layer_rows(type), few = (many + 2) / 3;
    for (int64_t column = 0; column < weights->columns; column += COLUMN_BLOCK)
        for (int64_t group = 0; group < weights->groups; group++) {
            column_task task = column_task_at(args, weights, column, group);
            int64_t row = 0;
            for (; row + many <= args->rows; row += many)
                next_block(type, args, weights, task, row, many, &pending);
            for (; row + few <= args->rows; row += few)
                next_block(type, args, weights, task, row, few, &pending);
            for (; row < args->rows; row++) next_block(type, args, weights, task, row, 1, &pending);
        }
    for (int i = 0; i < pending.rows; i++) finish_row(type, args, weights, &pending, i);
}

/// Whether the epilogue of f32 takes so little time that sums are better finished in registers at once than kept for the
/// next block.
INLINE bool has_short_epilogue(const ganrm_linear_args *args) {
    bool is_short = args->activation == GANRM_NO_ACTIVATION || args->activation == GANRM_RELU;
    return is_short && args->destination != GANRM_STORE_BF16;
}

/// Multiplies `rows` rows with the columns of `vectors` vectors, and finishes them.
INLINE void short_block(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights, column_task task,
    int64_t row, int rows, int vectors) {
    int64_t stride = args->stride / 4, column = task.columns.column;
    const int32_t *left = task.left + row * stride;
    vec_f32 sums[TILE_ROWS][TILE_VECTORS];
    init_sums(rows, vectors, task.right, sums);
    int64_t first = 0;
    if (task.ahead_per_row > 0) {
        const int32_t *ahead = task.ahead + row * task.ahead_per_row;
#pragma clang loop unroll(disable)
        for (int i = 0; i < rows; i++, ahead += task.ahead_per_row) {
            int64_t end = first + task.steps / TILE_ROWS;
            add_products(F32, rows, vectors, left, stride, task.right, first, end, sums);
            prefetch_result(args, (row + i) * args->out_stride + column);
            prefetch(ahead, task.ahead_per_row);
            first = end;
        }
    }
    add_products(F32, rows, vectors, left, stride, task.right, first, task.steps, sums);
    const vec_f32 least = (vec_f32)0 + (args->activation == GANRM_RELU ? 0 : -INFINITY);
    const bool adds = args->destination == GANRM_ADD_F32;
    float *out = (float *)args->out + row * args->out_stride + column;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        int64_t left = weights->columns - column;
        vec_f32 bias = load(task.columns.bias + v * GANRM_LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            float *to = out + r * args->out_stride;
            vec_f32 x = sums[r][v] + bias;
            if (adds) x += load_result(to, v, left);
            store_up_to(to + v * GANRM_LANES, larger(least, x), left - v * GANRM_LANES);
        }
    }
}

INLINE void short_blocks(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights, column_task task,
    int vectors) {
    int64_t row = 0;
    for (; row + TILE_ROWS <= args->rows; row += TILE_ROWS)
        short_block(args, weights, task, row, TILE_ROWS, vectors);
    for (; row + TILE_ROWS / 3 <= args->rows; row += TILE_ROWS / 3)
        short_block(args, weights, task, row, TILE_ROWS / 3, vectors);
    for (; row < args->rows; row++) short_block(args, weights, task, row, 1, vectors);
}

INLINE void all_short_blocks(
    const ganrm_linear_args *args, const ganrm_linear_weights *weights) {
    for (int64_t column = 0; column < weights->columns; column += COLUMN_BLOCK) {
        column_task task = column_task_at(args, weights, column, 0);
        if (weights->columns - column > GANRM_LANES) short_blocks(args, weights, task, TILE_VECTORS);
        else short_blocks(args, weights, task, 1);
    }
}

#ifdef GANRM_HAS_AMX
#include "Linear/amx_linear.inc.h"
#define DOT_BLOCKS amx_all_blocks
#else
#define DOT_BLOCKS all_blocks
#endif

KERNEL void linear(const ganrm_linear_args *args, const ganrm_linear_weights *weights) {
    switch (weights->dtype) {
    case GANRM_F32:
        if (has_short_epilogue(args)) all_short_blocks(args, weights);
        else all_blocks(F32, args, weights);
        break;
    case GANRM_BF16: DOT_BLOCKS(BF16X2, args, weights); break;
    case GANRM_INT8: DOT_BLOCKS(INT8X4, args, weights); break;
    }
}
