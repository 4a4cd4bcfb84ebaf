/// Template of the products of attention with AMX, for blocks of 16 queries.
///
/// Both products are interleaved with the vector work on their neighbours: while AMX multiplies the queries with a few
/// keys, the maxima of the scores before them are found; while it multiplies exponentials with values, the next
/// exponentials are computed. The vector work on a few rows hides one or two AMX instructions.

/// Whether the inner lengths of both products are whole AMX tiles, and queries and context fit the AMX tiles.
INLINE bool amx_supports(cell_type type, int64_t head_width) {
    return type == INT8X4 ? head_width == 64 : head_width == 32 || head_width == 64;
}

/// A key block's scores that AMX is computing or has computed.
typedef struct {
    const attention_workspace *workspace;
    /// First key of the block, and number of keys.
    int64_t first, count;
} amx_key_block;

/// Part `part` of 4 of the scores of all queries against two vectors of keys, from key `i` of the block on. AMX tiles 4
/// and 5 are the queries.
INLINE void amx_score_part(
    cell_type type, int part, const amx_key_block *block, int64_t head_width, int64_t i) {
    const attention_workspace *workspace = block->workspace;
    int64_t steps = cell_count(type, head_width), vector = steps * GANRM_LANES;
    const int32_t *keys = workspace->keys + (block->first + i) * steps;
    int64_t next = AMX_CELLS * GANRM_LANES, stride = workspace->stride * (int64_t)sizeof(float);
    bool has_two = steps > AMX_CELLS;
    switch (part) {
    case 0:
        amx_zero(0);
        amx_load(6, keys, 64);
        AMX_DOT(type, 0, 4, 6);
        break;
    case 1:
        amx_zero(1);
        amx_load(7, keys + vector, 64);
        AMX_DOT(type, 1, 4, 7);
        break;
    case 2:
        if (!has_two) break;
        amx_load(6, keys + next, 64);
        AMX_DOT(type, 0, 5, 6);
        amx_load(7, keys + vector + next, 64);
        AMX_DOT(type, 1, 5, 7);
        break;
    case 3:
        amx_store(0, workspace->scores + i, stride);
        amx_store(1, workspace->scores + i + GANRM_LANES, stride);
    }
}

/// Dequantizes scores of query `r` against two vectors of keys, from key `i` of the block on, and pads them if they are
/// the last; updates their maximum, lane by lane.
INLINE void amx_scan_scores(
    cell_type type, int r, const amx_key_block *block, int64_t i, vec_f32 *max_of_row) {
    const attention_workspace *workspace = block->workspace;
    float *row = workspace->scores + r * workspace->stride;
    vec_f32 max = max_of_row[r];
    bool is_last = i + 2 * GANRM_LANES > block->count;
#pragma clang loop unroll(full)
    for (int v = 0; v < 2; v++) {
        float *scores = row + i + v * GANRM_LANES;
        vec_f32 x = load(scores);
        if (type == INT8X4) {
            int64_t key = block->first + i + v * GANRM_LANES;
            vec_i32 sums = (vec_i32)x + load_cells(workspace->key_offsets + key);
            x = __builtin_convertvector(sums, vec_f32) * load(workspace->key_scales + key);
            store(scores, x);
        }
        if (!is_last) max = larger(x, max);
    }
    if (is_last) {
        pad_scores(row, block->count);
        vec_f32 here = max_in_row(row + i, 2 * GANRM_LANES);
        max = larger(here, max);
    }
    max_of_row[r] = max;
}

/// Scores of `rows` queries against a block of keys, and their maxima.
INLINE void amx_compute_scores(
    cell_type type, int rows, int64_t head_width, const amx_key_block *block,
    vec_f32 *max_of_row) {
    const int32_t *queries = block->workspace->queries;
    int64_t steps = cell_count(type, head_width);
    amx_load(4, queries, steps * 4);
    if (steps > AMX_CELLS) amx_load(5, queries + AMX_CELLS, steps * 4);
    for (int r = 0; r < rows; r++) max_of_row[r] = -INFINITY;
    const int64_t width = 2 * GANRM_LANES;
    for (int64_t i = 0; i < block->count + width; i += width)
#pragma clang loop unroll(full)
        for (int part = 0; part < 4; part++) {
            if (i < block->count) amx_score_part(type, part, block, head_width, i);
            if (i == 0) continue;
            for (int r = part * rows / 4; r < (part + 1) * rows / 4; r++)
                amx_scan_scores(type, r, block, i - width, max_of_row);
        }
}

/// Part `part` of 4 of the products of exponentials and values, for AMX_CELLS steps from cell `i` of the block on. AMX
/// tiles 0 to 3 are the sums of 16 columns each.
INLINE void amx_context_part(
    cell_type type, int part, const amx_key_block *block, const ganrm_attention_shape *shape,
    int64_t i) {
    const attention_workspace *workspace = block->workspace;
    int64_t vector = value_steps(type, shape->tokens) * GANRM_LANES;
    const int32_t *values =
        workspace->values + (cell_count(type, block->first) + i) * GANRM_LANES;
    switch (part) {
    case 0:
        amx_load(
            4, (const int32_t *)workspace->scores + i,
            workspace->stride * (int64_t)sizeof(float));
        amx_load(5, values, 64);
        AMX_DOT(type, 0, 4, 5);
        break;
    case 1:
        amx_load(6, values + vector, 64);
        AMX_DOT(type, 1, 4, 6);
        break;
    case 2:
        if (shape->head_width == 32) break;
        amx_load(7, values + 2 * vector, 64);
        AMX_DOT(type, 2, 4, 7);
        break;
    case 3:
        if (shape->head_width == 32) break;
        amx_load(5, values + 3 * vector, 64);
        AMX_DOT(type, 3, 4, 5);
    }
}

/// Scores of query `r` from key `i` of the block on → AMX_CELLS cells of exponentials, zeros after the last.
INLINE void amx_exponentiate_row(
    cell_type type, int r, const amx_key_block *block, int64_t i, const softmax_state *state,
    vec_f32 *sum_of_row) {
    const attention_workspace *workspace = block->workspace;
    const int64_t width = type == INT8X4 ? 4 * AMX_CELLS : 2 * AMX_CELLS;
    int64_t end = i + width < block->count ? i + width : block->count;
    if (end == i + width) {
        exponentiate_row(type, r, workspace, i, i + width, state, sum_of_row);
        return;
    }
    exponentiate_row(type, r, workspace, i, end, state, sum_of_row);
    if (type != INT8X4 || end > i + 2 * GANRM_LANES) return;
    memset(
        (uint8_t *)(workspace->scores + r * workspace->stride) + i + 2 * GANRM_LANES, 0,
        2 * GANRM_LANES);
}

/// Scores of a block of keys → exponentials, and their products with the values, `[16, 64]`.
INLINE void amx_multiply_exponentials(
    cell_type type, int rows, const amx_key_block *block, const ganrm_attention_shape *shape,
    const softmax_state *state, vec_f32 *sum_of_row, float *products) {
    amx_zero(0);
    amx_zero(1);
    amx_zero(2);
    amx_zero(3);
    const int64_t width = type == INT8X4 ? 4 * AMX_CELLS : 2 * AMX_CELLS;
    for (int64_t i = 0; i < block->count + width; i += width)
#pragma clang loop unroll(full)
        for (int part = 0; part < 4; part++) {
            if (i > 0)
                amx_context_part(type, part, block, shape, cell_count(type, i - width));
            if (i >= block->count) continue;
            for (int r = part * rows / 4; r < (part + 1) * rows / 4; r++)
                amx_exponentiate_row(type, r, block, i, state, sum_of_row);
        }
    amx_store(0, products, 256);
    amx_store(1, products + 16, 256);
    amx_store(2, products + 32, 256);
    amx_store(3, products + 48, 256);
}

/// Attention of a block of queries to a block of keys.
INLINE void amx_attend_to_keys(
    cell_type type, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, int64_t first, int64_t count, softmax_state *state) {
    amx_key_block block = {workspace, first, count};
    vec_f32 max_of_row[ROW_VALUES], sum_of_row[ROW_VALUES] = {0};
    _Alignas(64) float products[AMX_ROWS * 64], low_products[64];
    amx_compute_scores(type, rows, shape->head_width, &block, max_of_row);
    update_max(type, rows, shape, workspace, max_of_row, state);
    amx_multiply_exponentials(type, rows, &block, shape, state, sum_of_row, products);
    update_sums(type, rows, sum_of_row, state);
    int64_t stride = value_steps(type, shape->tokens) * GANRM_LANES;
    for (int64_t column = 0; column < shape->head_width; column += 2 * GANRM_LANES) {
        if (type != INT8X4 || !workspace->low_bytes) break;
        right_operand values = {
            workspace->values + column / GANRM_LANES * stride
                + cell_count(type, first) * GANRM_LANES,
            stride, GANRM_LANES};
        multiply(
            type, 1, TILE_VECTORS, (const int32_t *)workspace->low_bytes, 0, values,
            cell_count(type, count), low_products + column, 0);
    }
    for (int r = 0; r < rows; r++)
        for (int64_t column = 0; column < shape->head_width; column += GANRM_LANES)
            add_products_to_context(
                type, r, column, workspace, state, products + r * 64 + column,
                low_products + column);
}
