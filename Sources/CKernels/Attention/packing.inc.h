/// Template that packs the queries, keys and values of one head for the matrix products.

#include "Attention/workspace.h"

/// Bytes per element in memory.
INLINE int64_t element_size(cell_type type) { return type == F32 ? 4 : 2; }

/// Cells that `count` elements along the inner dimension fill.
INLINE int64_t cell_count(cell_type type, int64_t count) {
    return type == INT8X4 ? (count + 3) / 4 : type == BF16X2 ? (count + 1) / 2 : count;
}

/// Address of a token's first element.
INLINE const void *token_at(
    cell_type type, const void *x, const ganrm_attention_shape *shape, int64_t token) {
    return (const char *)x + token * shape->stride * element_size(type);
}

/// Prefetches a token. Tokens lie on different pages, across which the hardware prefetcher does not
/// look ahead. Prefetching past the last token is harmless.
INLINE void prefetch_token(
    cell_type type, const void *x, const ganrm_attention_shape *shape, int64_t token) {
    const char *elements = token_at(type, x, shape, token);
    for (int64_t i = 0; i < shape->head_width * element_size(type); i += 64)
        __builtin_prefetch(elements + i);
}

/// Cell `c` of a row of `width` elements.
INLINE int32_t cell_at(cell_type type, const void *row, int64_t c, int64_t width) {
    const uint16_t *bf16 = row;
    int32_t bits;
    if (type == F32) {
        memcpy(&bits, (const float *)row + c, sizeof bits);
        return bits;
    }
    if (type == BF16_AS_F32) return (int32_t)((uint32_t)bf16[c] << 16);
    uint32_t second = 2 * c + 1 < width ? bf16[2 * c + 1] : 0;
    return (int32_t)(second << 16 | bf16[2 * c]);
}

/// Cells `c` to `c + 3` of a row, all of which exist.
INLINE vec4_i32 load_4_cells(cell_type type, const void *row, int64_t c) {
    if (type == BF16_AS_F32) {
        typedef uint16_t vec4_u16 __attribute__((ext_vector_type(4)));
        vec4_u16 h;
        memcpy(&h, (const uint16_t *)row + c, sizeof h);
        return __builtin_convertvector(h, vec4_i32) << 16;
    }
    vec4_i32 v;
    memcpy(&v, (const int32_t *)row + c, sizeof v);
    return v;
}

/// Copies `count` queries to contiguous rows, `[block, cells]`; missing rows become zero.
INLINE void pack_queries(
    cell_type type, const ganrm_attention_shape *shape, const void *x, int64_t count, int block,
    int32_t *out) {
    int64_t width = shape->head_width, row_cells = cell_count(type, width);
    int64_t whole = (type == BF16X2 ? width / 2 : width) / 4 * 4;
    for (int64_t row = 0; row < count; row++, out += row_cells) {
        const void *elements = token_at(type, x, shape, row);
        prefetch_token(type, x, shape, row + block);
        for (int64_t c = 0; c < whole; c += 4) {
            vec4_i32 v = load_4_cells(type, elements, c);
            memcpy(out + c, &v, sizeof v);
        }
        for (int64_t c = whole; c < row_cells; c++) out[c] = cell_at(type, elements, c, width);
    }
    memset(out, 0, (size_t)((block - count) * row_cells) * sizeof *out);
}

/// Transposes 4 cells of 4 tokens: `out[c][token]`, rows of `out` `GANRM_LANES` apart.
INLINE void transpose_4x4(
    cell_type type, const ganrm_attention_shape *shape, const void *x, int64_t c, int32_t *out) {
    vec4_i32 a = load_4_cells(type, token_at(type, x, shape, 0), c);
    vec4_i32 b = load_4_cells(type, token_at(type, x, shape, 1), c);
    vec4_i32 d = load_4_cells(type, token_at(type, x, shape, 2), c);
    vec4_i32 e = load_4_cells(type, token_at(type, x, shape, 3), c);
    vec4_i32 low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    vec4_i32 high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    vec4_i32 low_de = __builtin_shufflevector(d, e, 0, 4, 1, 5);
    vec4_i32 high_de = __builtin_shufflevector(d, e, 2, 6, 3, 7);
    vec4_i32 rows[4] = {
        __builtin_shufflevector(low_ab, low_de, 0, 1, 4, 5),
        __builtin_shufflevector(low_ab, low_de, 2, 3, 6, 7),
        __builtin_shufflevector(high_ab, high_de, 0, 1, 4, 5),
        __builtin_shufflevector(high_ab, high_de, 2, 3, 6, 7),
    };
    for (int i = 0; i < 4; i++) memcpy(out + i * GANRM_LANES, &rows[i], sizeof(vec4_i32));
}

/// Keys → `[tokens / lanes, cells, lanes]`, a key per lane; missing keys become zero.
INLINE void pack_keys(
    cell_type type, const ganrm_attention_shape *shape, const void *x, int32_t *out) {
    int64_t width = shape->head_width, row_cells = cell_count(type, width);
    int64_t whole = (type == BF16X2 ? width / 2 : width) / 4 * 4;
    for (int64_t first = 0; first < shape->tokens; first += GANRM_LANES)
        for (int64_t lane = 0; lane < GANRM_LANES; lane += 4) {
            const void *keys = token_at(type, x, shape, first + lane);
            int32_t *block = out + first * row_cells + lane;
            int64_t here = shape->tokens - first - lane, c = 0;
            for (int i = 0; i < 4; i++) prefetch_token(type, keys, shape, GANRM_LANES + i);
            for (; here >= 4 && c < whole; c += 4)
                transpose_4x4(type, shape, keys, c, block + c * GANRM_LANES);
            for (; c < row_cells; c++)
                for (int i = 0; i < 4; i++)
                    block[c * GANRM_LANES + i] = i < here
                        ? cell_at(type, token_at(type, keys, shape, i), c, width)
                        : 0;
        }
}

/// Loads the bits of `count` elements, each into a lane of its own.
INLINE vec_i32 load_elements(cell_type type, const void *x, int64_t count) {
    if (type == F32) return (vec_i32)load_up_to(x, count, 0);
    vec_u16 h = 0;
    if (count < GANRM_LANES) memcpy(&h, x, (size_t)count * sizeof(uint16_t));
    else memcpy(&h, x, sizeof h);
    vec_i32 v = __builtin_convertvector(h, vec_i32);
    return type == BF16_AS_F32 ? v << 16 : v;
}

/// Keys whose int8 exponentials are stored together, in the order of `position_in_group`; those after the last whole group
/// are in their own order.
enum { KEY_GROUP = 4 * GANRM_LANES };

/// Where the cell of tokens `4 · cell` to `4 · cell + 3` of a group is: `store_as_bytes` interleaves vectors in parts of
/// 128 bits.
INLINE int64_t position_in_group(int64_t cell) {
    const int64_t parts = GANRM_LANES / 4;
    return 4 * (cell % parts) + cell / parts;
}

/// Stores 2 or 4 vectors of bytes; of 4, the four bytes from lane 4i of vector j on are cell 4i + j.
INLINE void store_as_bytes(int vectors, uint8_t *out, const vec_i32 v[4]) {
#if GANRM_LANES > 4
    if (vectors == 4) {
#if GANRM_LANES == 16
        __m512i bytes = _mm512_packus_epi16(
            _mm512_packs_epi32((__m512i)v[0], (__m512i)v[1]),
            _mm512_packs_epi32((__m512i)v[2], (__m512i)v[3]));
#else
        __m256i bytes = _mm256_packus_epi16(
            _mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]),
            _mm256_packs_epi32((__m256i)v[2], (__m256i)v[3]));
#endif
        memcpy(out, &bytes, sizeof bytes);
        return;
    }
#endif
    for (int i = 0; i < vectors; i++) store_low_bytes(out + i * GANRM_LANES, v[i]);
}

/// Steps of the packed values, with AMX whole AMX tiles of them: a step is a token, a pair of tokens or, in int8, four.
INLINE int64_t value_steps(cell_type type, int64_t tokens) {
    int64_t steps = cell_count(type, tokens);
#ifdef GANRM_HAS_AMX
    if (type == BF16X2 || type == INT8X4) return (steps + AMX_CELLS - 1) / AMX_CELLS * AMX_CELLS;
#endif
    return steps;
}

/// Zeros the steps of the packed values after the last token's.
INLINE void pad_values(
    cell_type type, const ganrm_attention_shape *shape, int32_t *out) {
    int64_t steps = value_steps(type, shape->tokens), used = cell_count(type, shape->tokens);
    for (int64_t first = 0; first < shape->head_width; first += GANRM_LANES)
        memset(
            out + first * steps + used * GANRM_LANES, 0,
            (size_t)((steps - used) * GANRM_LANES) * sizeof *out);
}

/// Values → `[head width / lanes, steps, lanes]`.
INLINE void pack_values(
    cell_type type, const ganrm_attention_shape *shape, const void *x, int32_t *out) {
    int64_t steps = value_steps(type, shape->tokens), used = cell_count(type, shape->tokens);
    pad_values(type, shape, out);
    for (int64_t step = 0; step < used; step++) {
        int64_t token = type == BF16X2 ? 2 * step : step;
        prefetch_token(type, x, shape, token + 16);
        if (type == BF16X2) prefetch_token(type, x, shape, token + 17);
        for (int64_t first = 0; first < shape->head_width; first += GANRM_LANES) {
            int64_t count = shape->head_width - first;
            const char *elements = token_at(type, x, shape, token);
            elements += first * element_size(type);
            vec_i32 v = load_elements(type, elements, count);
            if (type == BF16X2 && token + 1 < shape->tokens)
                v |= load_elements(type, token_at(type, elements, shape, 1), count) << 16;
            memcpy(out + first * steps + step * GANRM_LANES, &v, sizeof v);
        }
    }
}

// MARK: int8

/// Statistics of GANRM_LANES columns over all tokens.
typedef struct {
    vec_f32 sum, min, max;
    /// Only if ADDS_INT8_PAIRS: of the sums of tokens 0 and 1, 2 and 3, and so on.
    vec_f32 pair_min, pair_max;
} column_statistics;

/// Vectors of columns whose statistics are computed in one pass.
enum { STATISTICS_VECTORS = 4 };

/// Statistics of `vectors` vectors of columns; only the sums if not `with_ranges`.
INLINE void statistics_of_vectors(
    int vectors, bool with_ranges, const ganrm_attention_shape *shape, const uint16_t *x,
    column_statistics *out) {
    column_statistics columns[STATISTICS_VECTORS];
    vec_f32 before[STATISTICS_VECTORS] = {0};
    for (int v = 0; v < vectors; v++)
        columns[v] = (column_statistics){0, INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int64_t token = 0; token < shape->tokens; token++, x += shape->stride) {
        prefetch_token(BF16X2, x, shape, 16);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            vec_f32 value = load_bf16(x + v * GANRM_LANES);
            columns[v].sum += value;
            if (!with_ranges) continue;
            columns[v].min = smaller(value, columns[v].min);
            columns[v].max = larger(value, columns[v].max);
            if (!ADDS_INT8_PAIRS) continue;
            vec_f32 pair = before[v] + value;
            before[v] = value;
            if (token % 2 == 0) continue;
            columns[v].pair_min = smaller(pair, columns[v].pair_min);
            columns[v].pair_max = larger(pair, columns[v].pair_max);
        }
    }
    memcpy(out, columns, (size_t)vectors * sizeof *out);
}

/// Statistics of up to STATISTICS_VECTORS vectors of columns from `first` on; returns how many there are.
INLINE int statistics_of_columns(
    bool with_ranges, const ganrm_attention_shape *shape, const uint16_t *x, int64_t first,
    column_statistics out[STATISTICS_VECTORS]) {
    int64_t vectors = (shape->head_width - first) / GANRM_LANES;
    if (vectors >= STATISTICS_VECTORS) {
        statistics_of_vectors(STATISTICS_VECTORS, with_ranges, shape, x + first, out);
        return STATISTICS_VECTORS;
    }
    for (int v = 0; v < vectors; v++)
        statistics_of_vectors(1, with_ranges, shape, x + first + v * GANRM_LANES, out + v);
    return (int)vectors;
}

INLINE vec_f32 mean_of(const column_statistics *columns, const ganrm_attention_shape *shape) {
    return columns->sum * (1 / (float)shape->tokens);
}

/// Maximum distance from `mean`; if ADDS_INT8_PAIRS, also that of the sums of two tokens from twice the mean.
INLINE vec_f32 spread_around(vec_f32 mean, const column_statistics *columns) {
    vec_f32 spread = larger(mean - columns->min, columns->max - mean);
    if (!ADDS_INT8_PAIRS) return spread;
    vec_f32 pairs = larger(2 * mean - columns->pair_min, columns->pair_max - 2 * mean);
    return larger(pairs, spread);
}

/// Maximum magnitude, lane by lane; NaN counts as the largest, as its bits do.
INLINE vec_f32 max_magnitude(vec_f32 max, vec_f32 v) {
    return reduce(MAX_BITS, max, (vec_f32)((vec_i32)v & 0x7fffffff));
}

/// Scales of a symmetric quantization that maps `max` to 127; NaN if `max` is NaN, which makes all results NaN.
INLINE vec_f32 symmetric_scales(vec_f32 max) { return choose(max == 0, (vec_f32)0 + 1, max / 127); }

/// Quantizes `count` queries to contiguous rows of bytes with zero point 128 and stores their scales; missing
/// rows become zero.
INLINE void pack_queries_int8(
    const ganrm_attention_shape *shape, const uint16_t *x, int64_t count, int block,
    const attention_workspace *workspace) {
    int64_t width = shape->head_width;
    vec_f32 max[ROW_VALUES] = {0};
    for (int64_t r = 0; r < count; r++) {
        const uint16_t *query = x + r * shape->stride;
        prefetch_token(BF16X2, query, shape, block);
        for (int64_t i = 0; i < width; i += GANRM_LANES)
            max[r] = max_magnitude(max[r], load_bf16(query + i));
    }
    float inverse_scales[ROW_VALUES] = {0};
    reduce_rows(MAX_BITS, block, max, workspace->query_scales);
    for (int i = 0; i < ROW_VALUES; i += GANRM_LANES) {
        vec_f32 scale = symmetric_scales(load(workspace->query_scales + i));
        store(workspace->query_scales + i, scale);
        store(inverse_scales + i, 1 / scale);
    }
    uint8_t *out = (uint8_t *)workspace->queries;
    for (int64_t r = 0; r < count; r++, out += width)
        for (int64_t i = 0; i < width; i += GANRM_LANES) {
            vec_f32 v = load_bf16(x + r * shape->stride + i);
            store_low_bytes(out + i, round_to_ints(v * inverse_scales[r]) + 128);
        }
    memset(out, 128, (size_t)((block - count) * width));
}

/// Elements 2c and 2c + 1 of GANRM_LANES keys, a key per lane, minus their means.
INLINE void centred_pair(const int32_t *pairs, const float *means, int64_t c, vec_f32 x[2]) {
    vec_i32 pair = load_cells(pairs + c * GANRM_LANES);
    x[0] = low_bf16(pair) - means[2 * c];
    x[1] = high_bf16(pair) - means[2 * c + 1];
}

/// Keys minus their mean → `[tokens / lanes, cells, lanes]`, a key per lane. Padding after the last key gets scale 0.
INLINE void pack_keys_int8(
    const ganrm_attention_shape *shape, const uint16_t *x, const attention_workspace *workspace) {
    int64_t width = shape->head_width, steps = width / 4;
    float *means = workspace->key_means;
    int32_t *pairs = workspace->key_pairs;
    for (int64_t i = 0; i < width;) {
        column_statistics columns[STATISTICS_VECTORS];
        int vectors = statistics_of_columns(false, shape, x, i, columns);
        for (int v = 0; v < vectors; v++, i += GANRM_LANES)
            store(means + i, mean_of(&columns[v], shape));
    }
    for (int64_t first = 0; first < shape->tokens; first += GANRM_LANES) {
        ganrm_attention_shape few = *shape;
        few.tokens = shape->tokens - first < GANRM_LANES ? shape->tokens - first : GANRM_LANES;
        pack_keys(BF16X2, &few, x + first * shape->stride, pairs);
        vec_f32 max = 0, centred[2];
        for (int64_t c = 0; c < width / 2; c++) {
            centred_pair(pairs, means, c, centred);
            max = max_magnitude(max_magnitude(max, centred[0]), centred[1]);
            if (ADDS_INT8_PAIRS) max = max_magnitude(max, centred[0] + centred[1]);
        }
        vec_f32 scale = symmetric_scales(max), inverse_scale = 1 / scale;
        vec_i32 sum = 0;
        for (int64_t step = 0; step < steps; step++) {
            vec_i32 cells = 0;
#pragma clang loop unroll(full)
            for (int pair = 0; pair < 2; pair++) {
                centred_pair(pairs, means, 2 * step + pair, centred);
                for (int i = 0; i < 2; i++) {
                    vec_i32 rounded = round_to_ints(centred[i] * inverse_scale);
                    sum += rounded;
                    cells |= (rounded & 0xff) << (16 * pair + 8 * i);
                }
            }
            memcpy(workspace->keys + first * steps + step * GANRM_LANES, &cells, sizeof cells);
        }
        store(workspace->key_scales + first, scale);
        sum *= -128;
        memcpy(workspace->key_offsets + first, &sum, sizeof sum);
    }
    for (int64_t i = shape->tokens; i % (2 * GANRM_LANES); i++) {
        workspace->key_scales[i] = 0;
        workspace->key_offsets[i] = 0;
    }
}

/// Values minus their mean → `[head width / lanes, steps, lanes]`; a step is four tokens, in the order of the exponentials.
INLINE void pack_values_int8(
    const ganrm_attention_shape *shape, const uint16_t *x, const attention_workspace *workspace) {
    int64_t steps = value_steps(INT8X4, shape->tokens);
    pad_values(INT8X4, shape, workspace->values);
    column_statistics columns[STATISTICS_VECTORS];
    int vectors = 0, v = 0;
    for (int64_t first = 0; first < shape->head_width; first += GANRM_LANES, v++) {
        if (v == vectors) {
            vectors = statistics_of_columns(true, shape, x, first, columns);
            v = 0;
        }
        vec_f32 mean = mean_of(&columns[v], shape);
        vec_f32 scale = symmetric_scales(spread_around(mean, &columns[v]));
        vec_f32 inverse_scale = 1 / scale;
        store(workspace->value_scales + first, scale);
        store(workspace->value_means + first, mean);
        int32_t *out = workspace->values + first * steps;
        for (int64_t token = 0; token < shape->tokens; token += 4) {
            int64_t group = token / KEY_GROUP * KEY_GROUP, cell = (token - group) / 4;
            if (group + KEY_GROUP <= shape->tokens) cell = position_in_group(cell);
            vec_i32 cells = 0;
            for (int64_t i = 0; i < 4 && token + i < shape->tokens; i++) {
                vec_f32 value = load_bf16(x + (token + i) * shape->stride + first);
                cells |= (round_to_ints((value - mean) * inverse_scale) & 0xff) << (8 * (int)i);
            }
            memcpy(out + (group / 4 + cell) * GANRM_LANES, &cells, sizeof cells);
        }
    }
}
