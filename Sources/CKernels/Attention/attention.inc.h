/// Template of one head's attention, softmax(scale · QKᵀ) V.
///
/// `TILE_ROWS` queries are multiplied with up to `GANRM_KEY_BLOCK` keys at a time, so that their scores stay in the L1
/// cache; the context so far is rescaled when a larger score comes up ("online softmax": Milakov and
/// Gimelshein 2018; Dao et al. 2022, "FlashAttention").
///
/// In int8, each query, each key and each column of the values has its own scale, and so have the exponentials
/// of a query in a key block. Where pairs of products are added in 16 bits, the sums of the pairs of keys and values
/// limit the scales, too, as in `ganrm_weights_pack`. Keys and values are centred first, because their mean over the
/// clip would take up most of the int8 range (Zhang et al. 2024, "SageAttention"): centring keys adds the same constant
/// to all scores of a query, which softmax ignores; the mean of the values is added back to the context. Exponentials
/// that round to zero still count in the softmax's denominator. Where one key gets most of the attention, the many small
/// ones then contribute the mean of the values; otherwise the error is three times as large. The softmax of one query,
/// CLS, may be quantized to 16 bits, as two bytes that are multiplied with the values one after the other.
///
/// Cycle budget on Zen 4, which starts one 512-bit product per cycle, for 12 queries, 1569 keys and head
/// width 64 in bf16: 38 thousand for QKᵀ, 38 thousand for PV, 10 thousand for the
/// exponentials (6.8 per vector if all four pipes were always busy), 5 thousand to store the
/// scores and find their maxima, 2 thousand for packing: four fifths of the time are products. In int8 the
/// products take half as long.

// MARK: A block of queries and a block of keys

/// Running state of a query block's online softmax.
typedef struct {
    float max[ROW_VALUES];        ///< Maximum score so far, scaled, as an exponent of 2.
    float scales[ROW_VALUES];     ///< Factor that makes a score of the last key block an exponent of 2.
    float block_max[ROW_VALUES];  ///< Maximum score of the last key block, scaled.
    float sums[ROW_VALUES];       ///< Sum of the exponentials of scores minus the maximum.
    float rescale[ROW_VALUES];    ///< Factor for sums and context of earlier key blocks after the last update.
    float exp_scales[ROW_VALUES]; ///< int8: dequantization scale of the exponentials of the last key block.
} softmax_state;

/// Pads scores to two whole vectors with −∞, which affects neither the maximum nor the sum of the exponentials.
INLINE void pad_scores(float *scores, int64_t count) {
    int64_t whole = count - count % GANRM_LANES;
    if (whole < count)
        store(scores + whole, first_lanes(load(scores + whole), count - whole, -INFINITY));
    for (int64_t i = (count + GANRM_LANES - 1) / GANRM_LANES; i % TILE_VECTORS; i++)
        store(scores + i * GANRM_LANES, (vec_f32)0 - INFINITY);
}

/// Maxima of a row, lane by lane.
INLINE vec_f32 max_in_row(const float *x, int64_t count) {
    vec_f32 max = -INFINITY;
    for (int64_t i = 0; i < count; i += GANRM_LANES) max = larger(load(x + i), max);
    return max;
}

/// Scores of a query block against `count` keys from `first` on, `[rows, count]`, and each row's maxima, lane by lane.
INLINE void compute_scores(
    cell_type type, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, int64_t first, int64_t count, vec_f32 *max_of_row) {
    enum { tile = TILE_VECTORS * GANRM_LANES };
    int64_t steps = cell_count(type, shape->head_width), stride = steps * GANRM_LANES;
    for (int r = 0; r < rows; r++) max_of_row[r] = -INFINITY;
    for (int64_t i = 0; i < count; i += tile) {
        right_operand keys = {
            workspace->keys + (first + i) * steps, stride, GANRM_LANES,
            type == INT8X4 ? workspace->key_offsets + first + i : NULL,
            type == INT8X4 ? workspace->key_scales + first + i : NULL};
        float *scores = workspace->scores + i;
        if (count - i >= tile) {
            vec_f32 sums[TILE_ROWS][TILE_VECTORS];
            init_sums(rows, TILE_VECTORS, keys, sums);
            add_products(type, rows, TILE_VECTORS, workspace->queries, steps, keys, 0, steps, sums);
            dequantize(rows, TILE_VECTORS, keys, sums);
            store_tile(rows, TILE_VECTORS, sums, scores, workspace->stride);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++)
                max_of_row[r] = larger(larger(sums[r][0], sums[r][1]), max_of_row[r]);
            continue;
        }
        int vectors = count - i > GANRM_LANES ? TILE_VECTORS : 1;
        multiply_up_to(
            vectors, type, rows, workspace->queries, steps, keys, steps, scores, workspace->stride);
        for (int r = 0; r < rows; r++) {
            float *row = workspace->scores + r * workspace->stride;
            pad_scores(row, count);
            max_of_row[r] = larger(max_in_row(row + i, tile), max_of_row[r]);
        }
    }
}

/// Causal attention: hides the keys behind each query from it. `first_query` is the position of the first one.
INLINE void hide_later_keys(
    int rows, const attention_workspace *workspace, int64_t first_query, int64_t count, vec_f32 *max_of_row) {
    enum { tile = TILE_VECTORS * GANRM_LANES };
    int64_t padded = (count + tile - 1) / tile * tile;
    for (int r = 0; r < rows; r++) {
        float *row = workspace->scores + r * workspace->stride;
        for (int64_t i = first_query + r + 1; i < padded; i++) row[i] = -INFINITY;
        max_of_row[r] = max_in_row(row, padded);
    }
}

/// Two vectors of exponentials → cells.
INLINE void store_exponentials(cell_type type, float *scores, int64_t i, vec_f32 a, vec_f32 b) {
    if (type == BF16X2) {
        store_two_bf16((uint16_t *)scores + i, a, b);
        return;
    }
    store(scores + i, a);
    store(scores + i + GANRM_LANES, b);
}

/// Scores `first` to `end - 1` of one query → cells of exponentials, in place. Returns `sum` plus their sums, lane by
/// lane.
///
/// Exponents are of base 2: `score · scale − max`.
INLINE vec_f32 exponentiate(
    cell_type type, float *scores, int64_t first, int64_t end, float scale, float max,
    vec_f32 sum) {
    bool for_bf16 = type == BF16X2;
    for (int64_t i = first; i < end; i += 2 * GANRM_LANES) {
        vec_f32 a = power_of_2(for_bf16, load(scores + i) * scale - max);
        vec_f32 b = power_of_2(for_bf16, load(scores + i + GANRM_LANES) * scale - max);
        sum += a + b;
        store_exponentials(type, scores, i, a, b);
    }
    return sum;
}

/// 2 or 4 vectors of scores → exponentials, multiplied by 255 and rounded to bytes, in place at byte `i`. With `low` they
/// are rounded to 16 bits after multiplication by 255 · 256, and the low bytes are stored there. Returns their sum, lane
/// by lane.
INLINE vec_f32 exponentiate_to_bytes(
    int vectors, float *scores, int64_t i, float scale, float shift, uint8_t *low) {
    vec_f32 a[4] = {0};
    vec_i32 bytes[4], low_bytes[4];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        a[v] = power_of_2(true, load(scores + i + v * GANRM_LANES) * scale - shift);
        bytes[v] = round_to_ints(a[v]);
        low_bytes[v] = bytes[v] & 0xff;
        if (low) bytes[v] >>= 8;
    }
    store_as_bytes(vectors, (uint8_t *)scores + i, bytes);
    if (low) store_as_bytes(vectors, low + i, low_bytes);
    return (a[0] + a[1]) + (a[2] + a[3]);
}

/// `exponentiate` for int8, to bytes in the order of the values' cells.
INLINE vec_f32 exponentiate_int8(
    float *scores, int64_t first, int64_t end, float scale, float max, uint8_t *low, vec_f32 sum) {
    float shift = max - (low ? 15.99435344f : 7.99435344f);  // log₂ (255 · 256) and log₂ 255
    int64_t i = first;
    if (low) sum *= 256;
    for (; end - i >= KEY_GROUP; i += KEY_GROUP)
        sum += exponentiate_to_bytes(4, scores, i, scale, shift, low);
    for (; i < end; i += 2 * GANRM_LANES)
        sum += exponentiate_to_bytes(2, scores, i, scale, shift, low);
    return low ? sum * (1 / 256.0f) : sum;
}

/// Scores `first` to `end - 1` of query `r` of a block → exponentials; adds to their sums.
INLINE void exponentiate_row(
    cell_type type, int r, const attention_workspace *workspace, int64_t first, int64_t end,
    const softmax_state *state, vec_f32 *sum_of_row) {
    float *scores = workspace->scores + r * workspace->stride, scale = state->scales[r];
    if (type != INT8X4)
        sum_of_row[r] =
            exponentiate(type, scores, first, end, scale, state->max[r], sum_of_row[r]);
    else if (r == 0 && workspace->low_bytes)
        sum_of_row[0] = exponentiate_int8(
            scores, first, end, scale, state->block_max[0], workspace->low_bytes, sum_of_row[0]);
    else
        sum_of_row[r] = exponentiate_int8(
            scores, first, end, scale, state->block_max[r], NULL, sum_of_row[r]);
}

/// Updates the maxima with those of a key block's scores.
INLINE void update_max(
    cell_type type, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, const vec_f32 *max_of_row, softmax_state *state) {
    const float log2_e = 1.44269504f;
    for (int r = 0; r < rows; r++)
        state->scales[r] =
            log2_e * (type == INT8X4 ? shape->scale * workspace->query_scales[r] : shape->scale);
    reduce_rows(MAX, rows, max_of_row, state->block_max);
    for (int i = 0; i < ROW_VALUES; i += GANRM_LANES) {
        vec_f32 before = load(state->max + i);
        vec_f32 here = load(state->block_max + i) * load(state->scales + i);
        store(state->block_max + i, here);
        vec_f32 max = larger(here, before);
        store(state->max + i, max);
        store(state->rescale + i, power_of_2(false, before - max));
        store(state->exp_scales + i, power_of_2(false, here - max) * (1 / 255.0f));
    }
}

/// Updates the sums with those of a key block's exponentials.
INLINE void update_sums(
    cell_type type, int rows, const vec_f32 *sum_of_row, softmax_state *state) {
    float sums[ROW_VALUES] = {0};
    reduce_rows(SUM, rows, sum_of_row, sums);
    for (int i = 0; i < ROW_VALUES; i += GANRM_LANES) {
        vec_f32 sum =
            type == INT8X4 ? load(sums + i) * load(state->exp_scales + i) : load(sums + i);
        store(state->sums + i, load(state->sums + i) * load(state->rescale + i) + sum);
    }
}

/// Scores of a key block → exponentials; updates the softmax state.
INLINE void update_softmax(
    cell_type type, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, int64_t count, const vec_f32 *max_of_row,
    softmax_state *state) {
    vec_f32 sum_of_row[ROW_VALUES] = {0};
    update_max(type, rows, shape, workspace, max_of_row, state);
    for (int r = 0; r < rows; r++)
        exponentiate_row(type, r, workspace, 0, count, state, sum_of_row);
    update_sums(type, rows, sum_of_row, state);
}

/// `context = context · rescale + products` for a vector of query `r` from `column` on; `low_products` are those of the
/// low bytes, if it has any.
INLINE void add_products_to_context(
    cell_type type, int r, int64_t column, const attention_workspace *workspace,
    const softmax_state *state, const float *products, const float *low_products) {
    float *context = workspace->context + r * workspace->columns + column;
    vec_f32 here = load(products);
    if (type == INT8X4) here = __builtin_convertvector((vec_i32)here, vec_f32);
    if (type == INT8X4 && r == 0 && workspace->low_bytes) {
        vec_i32 low = (vec_i32)load(low_products);
        here += __builtin_convertvector(low, vec_f32) * (1 / 256.0f);
    }
    if (type == INT8X4) here *= state->exp_scales[r];
    store(context, load(context) * state->rescale[r] + here);
}

/// `context = context · rescale + exponentials · values` for a key block.
INLINE void add_context(
    cell_type type, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, int64_t first, int64_t count,
    const softmax_state *state) {
    int64_t stride = value_steps(type, shape->tokens) * GANRM_LANES;
    enum { tile = TILE_VECTORS * GANRM_LANES };
    for (int64_t column = 0; column < shape->head_width; column += tile) {
        const int32_t *exponentials = (const int32_t *)workspace->scores;
        right_operand values = {
            workspace->values + column / GANRM_LANES * stride
                + cell_count(type, first) * GANRM_LANES,
            stride, GANRM_LANES};
        float products[TILE_ROWS * tile], low_products[tile];
        int64_t steps = cell_count(type, count);
        int vectors = shape->head_width - column > GANRM_LANES ? TILE_VECTORS : 1;
        multiply_up_to(
            vectors, type, rows, exponentials, workspace->stride, values, steps, products, tile);
        if (type == INT8X4 && workspace->low_bytes)
            multiply_up_to(
                vectors, type, 1, (const int32_t *)workspace->low_bytes, 0, values, steps,
                low_products, tile);
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++)
                add_products_to_context(
                    type, r, column + v * GANRM_LANES, workspace, state,
                    products + r * tile + v * GANRM_LANES, low_products + v * GANRM_LANES);
    }
}

/// Stores one query's context, multiplied by `factor`, from element `start` of `out` on.
INLINE void store_row(
    cell_type type, const attention_workspace *workspace, const float *x, int64_t count,
    float factor, void *out, int64_t start) {
    for (int64_t i = 0; i < count; i += GANRM_LANES) {
        vec_f32 v = load(x + i) * factor;
        if (type == INT8X4)
            v = v * load(workspace->value_scales + i) + load(workspace->value_means + i);
        if (type == F32) store_up_to((float *)out + start + i, v, count - i);
        else store_up_to_bf16((uint16_t *)out + start + i, v, count - i);
    }
}

#ifdef GANRM_HAS_AMX
#include "Attention/amx_attention.inc.h"
#endif

/// Attention of the packed queries, of which the first has the position `first_query`; the first `used` results are
/// stored.
INLINE void attend_block(
    cell_type type, bool uses_amx, int rows, const ganrm_attention_shape *shape,
    const attention_workspace *workspace, int64_t first_query, int64_t used, void *out) {
    softmax_state state = {.sums = {0}};
    for (int i = 0; i < ROW_VALUES; i++) state.max[i] = -INFINITY;
    memset(workspace->context, 0, (size_t)(rows * workspace->columns) * sizeof(float));
    for (int64_t first = 0; first < shape->tokens; first += workspace->key_block) {
        int64_t left = shape->tokens - first;
        int64_t count = left < workspace->key_block ? left : workspace->key_block;
#ifdef GANRM_HAS_AMX
        if (uses_amx) {
            amx_attend_to_keys(type, rows, shape, workspace, first, count, &state);
            continue;
        }
#endif
        vec_f32 max_of_row[ROW_VALUES];
        compute_scores(type, rows, shape, workspace, first, count, max_of_row);
        if (shape->is_causal) hide_later_keys(rows, workspace, first_query, count, max_of_row);
        update_softmax(type, rows, shape, workspace, count, max_of_row, &state);
        add_context(type, rows, shape, workspace, first, count, &state);
    }
    for (int64_t r = 0; r < used; r++)
        store_row(
            type, workspace, workspace->context + r * workspace->columns, shape->head_width,
            1 / state.sums[r], out, r * shape->out_stride);
}

/// Packs keys and values, then computes the queries block by block; the last block is cut to one or two
/// thirds of its size if that is enough. With AMX, a block has four such thirds.
INLINE void attend(
    cell_type type, bool uses_amx, const ganrm_attention_shape *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
    attention_workspace workspace =
        attention_workspace_at(scratch, shape->tokens, shape->head_width);
    if (!shape->cls_softmax_16bit) workspace.low_bytes = NULL;
    if (type == INT8X4) {
        pack_keys_int8(shape, keys, &workspace);
        pack_values_int8(shape, values, &workspace);
    } else {
        pack_keys(type, shape, keys, workspace.keys);
        pack_values(type, shape, values, workspace.values);
    }
    enum { third = TILE_ROWS / 3 };
    const int block = uses_amx ? 4 * third : TILE_ROWS;
    for (int64_t first = 0; first < query_count; first += block) {
        int64_t used = query_count - first < block ? query_count - first : block;
        const void *query = token_at(type, queries, shape, first);
        if (type == INT8X4) pack_queries_int8(shape, query, used, block, &workspace);
        else pack_queries(type, shape, query, used, block, workspace.queries);
        void *results = (char *)out + first * shape->out_stride * element_size(type);
        if (uses_amx && used > 3 * third)
            attend_block(type, uses_amx, 4 * third, shape, &workspace, first, used, results);
        else if (used > 2 * third)
            attend_block(type, uses_amx, 3 * third, shape, &workspace, first, used, results);
        else if (used > third)
            attend_block(type, uses_amx, 2 * third, shape, &workspace, first, used, results);
        else
            attend_block(type, uses_amx, third, shape, &workspace, first, used, results);
        workspace.low_bytes = NULL;
    }
}

KERNEL void attention(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(F32, false, shape, queries, query_count, keys, values, out, scratch);
}

/// Attention with AMX; false if the level does not have it or the shape does not fit.
INLINE bool attend_with_amx(
    cell_type type, const ganrm_attention_shape *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
#ifdef GANRM_HAS_AMX
    if (shape->is_causal || !amx_supports(type, shape->head_width)) return false;
    amx_shapes shapes = amx_shapes_of_rows(AMX_ROWS);
    amx_configure(&shapes);
    attend(type, true, shape, queries, query_count, keys, values, out, scratch);
    amx_release();
    return true;
#else
    return false;
#endif
}

KERNEL void attention_bf16(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    if (attend_with_amx(BF16X2, shape, queries, query_count, keys, values, out, scratch)) return;
#ifdef GANRM_HAS_BF16
    attend(BF16X2, false, shape, queries, query_count, keys, values, out, scratch);
#else
    attend(BF16_AS_F32, false, shape, queries, query_count, keys, values, out, scratch);
#endif
}

KERNEL void attention_int8(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    if (attend_with_amx(INT8X4, shape, queries, query_count, keys, values, out, scratch)) return;
#if GANRM_LANES > 4 || defined(GANRM_HAS_I8MM)
    if (shape->head_width % GANRM_LANES == 0) {
        attend(INT8X4, false, shape, queries, query_count, keys, values, out, scratch);
        return;
    }
#endif
    attention_bf16(shape, queries, query_count, keys, values, out, scratch);
}
