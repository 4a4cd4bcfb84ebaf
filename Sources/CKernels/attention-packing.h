/// Queries, keys and values of one head as the products take them.

/// Bytes per number in memory.
INLINE int64_t number_size(cell_kind kind) { return kind == FLOATS ? 4 : 2; }

/// Cells that `count` numbers along the inner dimension fill.
INLINE int64_t cell_count(cell_kind kind, int64_t count) {
    return kind == QUADS ? (count + 3) / 4 : kind == PAIRS ? (count + 1) / 2 : count;
}

/// Where a token's numbers begin.
INLINE const void *token_at(
    cell_kind kind, const void *x, const ganrm_attention *shape, int64_t token) {
    return (const char *)x + token * shape->stride * number_size(kind);
}

/// Asks for a token's numbers early: tokens lie on pages of their own, where the hardware does not
/// look ahead. Past the last token this does nothing.
INLINE void prefetch_token(
    cell_kind kind, const void *x, const ganrm_attention *shape, int64_t token) {
    const char *numbers = token_at(kind, x, shape, token);
    for (int64_t i = 0; i < shape->head_width * number_size(kind); i += 64)
        __builtin_prefetch(numbers + i);
}

/// Cell `c` of a row of `width` numbers.
INLINE int32_t cell_at(cell_kind kind, const void *row, int64_t c, int64_t width) {
    const uint16_t *halves = row;
    int32_t bits;
    if (kind == FLOATS) {
        memcpy(&bits, (const float *)row + c, sizeof bits);
        return bits;
    }
    if (kind == WIDENED) return (int32_t)((uint32_t)halves[c] << 16);
    uint32_t second = 2 * c + 1 < width ? halves[2 * c + 1] : 0;
    return (int32_t)(second << 16 | halves[2 * c]);
}

/// Cells `c` to `c + 3` of a row, all of which exist.
INLINE quad quad_at(cell_kind kind, const void *row, int64_t c) {
    if (kind == WIDENED) {
        typedef uint16_t quarter __attribute__((ext_vector_type(4)));
        quarter h;
        memcpy(&h, (const uint16_t *)row + c, sizeof h);
        return __builtin_convertvector(h, quad) << 16;
    }
    quad v;
    memcpy(&v, (const int32_t *)row + c, sizeof v);
    return v;
}

/// Copies `count` queries next to each other, `[ROWS, cells]`; the missing ones become zero.
INLINE void pack_queries(
    cell_kind kind, const ganrm_attention *shape, const void *x, int64_t count, int32_t *out) {
    int64_t width = shape->head_width, row_cells = cell_count(kind, width);
    int64_t whole = (kind == PAIRS ? width / 2 : width) / 4 * 4;
    for (int64_t row = 0; row < count; row++, out += row_cells) {
        const void *numbers = token_at(kind, x, shape, row);
        prefetch_token(kind, x, shape, row + ROWS);
        for (int64_t c = 0; c < whole; c += 4) {
            quad v = quad_at(kind, numbers, c);
            memcpy(out + c, &v, sizeof v);
        }
        for (int64_t c = whole; c < row_cells; c++) out[c] = cell_at(kind, numbers, c, width);
    }
    memset(out, 0, (size_t)((ROWS - count) * row_cells) * sizeof *out);
}

/// Transposes 4 cells of 4 tokens: `out[c][token]`, rows of `out` `GANRM_LANES` apart.
INLINE void transpose_quads(
    cell_kind kind, const ganrm_attention *shape, const void *x, int64_t c, int32_t *out) {
    quad a = quad_at(kind, token_at(kind, x, shape, 0), c);
    quad b = quad_at(kind, token_at(kind, x, shape, 1), c);
    quad d = quad_at(kind, token_at(kind, x, shape, 2), c);
    quad e = quad_at(kind, token_at(kind, x, shape, 3), c);
    quad low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    quad high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    quad low_de = __builtin_shufflevector(d, e, 0, 4, 1, 5);
    quad high_de = __builtin_shufflevector(d, e, 2, 6, 3, 7);
    quad rows[4] = {
        __builtin_shufflevector(low_ab, low_de, 0, 1, 4, 5),
        __builtin_shufflevector(low_ab, low_de, 2, 3, 6, 7),
        __builtin_shufflevector(high_ab, high_de, 0, 1, 4, 5),
        __builtin_shufflevector(high_ab, high_de, 2, 3, 6, 7),
    };
    for (int i = 0; i < 4; i++) memcpy(out + i * GANRM_LANES, &rows[i], sizeof(quad));
}

/// Keys → `[tokens / lanes, cells, lanes]`, a key per lane; those that are missing become zero.
INLINE void pack_keys(
    cell_kind kind, const ganrm_attention *shape, const void *x, int32_t *out) {
    int64_t width = shape->head_width, row_cells = cell_count(kind, width);
    int64_t whole = (kind == PAIRS ? width / 2 : width) / 4 * 4;
    for (int64_t first = 0; first < shape->tokens; first += GANRM_LANES)
        for (int64_t lane = 0; lane < GANRM_LANES; lane += 4) {
            const void *keys = token_at(kind, x, shape, first + lane);
            int32_t *block = out + first * row_cells + lane;
            int64_t here = shape->tokens - first - lane, c = 0;
            for (int i = 0; i < 4; i++) prefetch_token(kind, keys, shape, GANRM_LANES + i);
            for (; here >= 4 && c < whole; c += 4)
                transpose_quads(kind, shape, keys, c, block + c * GANRM_LANES);
            for (; c < row_cells; c++)
                for (int i = 0; i < 4; i++)
                    block[c * GANRM_LANES + i] = i < here
                        ? cell_at(kind, token_at(kind, keys, shape, i), c, width)
                        : 0;
        }
}

/// The bits of `count` numbers, each in a lane of its own.
INLINE ints load_numbers(cell_kind kind, const void *x, int64_t count) {
    if (kind == FLOATS) return (ints)load_up_to(x, count, 0);
    halves h = 0;
    if (count < GANRM_LANES) memcpy(&h, x, (size_t)count * sizeof(uint16_t));
    else memcpy(&h, x, sizeof h);
    ints v = __builtin_convertvector(h, ints);
    return kind == WIDENED ? v << 16 : v;
}

/// Values → `[head width / lanes, steps, lanes]`: a step is a token or a pair of them.
INLINE void pack_values(
    cell_kind kind, const ganrm_attention *shape, const void *x, int32_t *out) {
    int64_t steps = cell_count(kind, shape->tokens);
    for (int64_t step = 0; step < steps; step++) {
        int64_t token = kind == PAIRS ? 2 * step : step;
        prefetch_token(kind, x, shape, token + 16);
        if (kind == PAIRS) prefetch_token(kind, x, shape, token + 17);
        for (int64_t first = 0; first < shape->head_width; first += GANRM_LANES) {
            int64_t count = shape->head_width - first;
            const char *numbers = token_at(kind, x, shape, token);
            numbers += first * number_size(kind);
            ints v = load_numbers(kind, numbers, count);
            if (kind == PAIRS && token + 1 < shape->tokens)
                v |= load_numbers(kind, token_at(kind, numbers, shape, 1), count) << 16;
            memcpy(out + first * steps + step * GANRM_LANES, &v, sizeof v);
        }
    }
}

// MARK: As bytes

/// What a column's numbers have in common.
typedef struct {
    floats mean;
    /// The largest distance from the mean.
    floats most;
} column_spread;

/// Of LANES of the keys' or values' columns.
INLINE column_spread spread_of_columns(const ganrm_attention *shape, const uint16_t *x) {
    floats sum = 0, least = INFINITY, most = -INFINITY;
    for (int64_t token = 0; token < shape->tokens; token++) {
        floats v = load_bf16(x + token * shape->stride);
        sum += v;
        least = choose(v < least, v, least);
        most = choose(v > most, v, most);
    }
    floats mean = sum * (1 / (float)shape->tokens);
    floats below = mean - least, above = most - mean;
    return (column_spread){mean, choose(below > above, below, above)};
}

/// The larger magnitude, lane by lane; NaN counts as the largest, as its bits do.
INLINE floats larger_magnitude(floats most, floats v) {
    return reduce(LARGEST_BITS, most, (floats)((ints)v & 0x7fffffff));
}

/// What 1 is worth if the largest number becomes 127; NaN if that is what it is, and so all results.
INLINE floats symmetric_scales(floats largest) {
    return choose(largest == 0, (floats)0 + 1, largest / 127);
}

/// Copies `count` queries as bytes around 128 next to each other and notes what 1 is worth in each; the
/// missing ones become zero.
INLINE void pack_queries_as_bytes(
    const ganrm_attention *shape, const uint16_t *x, int64_t count,
    const attention_memory *memory) {
    int64_t width = shape->head_width;
    floats most[ROWS] = {0};
    for (int64_t r = 0; r < count; r++) {
        const uint16_t *query = x + r * shape->stride;
        prefetch_token(PAIRS, query, shape, ROWS);
        for (int64_t i = 0; i < width; i += GANRM_LANES)
            most[r] = larger_magnitude(most[r], load_bf16(query + i));
    }
    float inverse[ROW_NUMBERS] = {0};
    reduce_rows(LARGEST_BITS, ROWS, most, memory->query_scales);
    for (int i = 0; i < ROW_NUMBERS; i += GANRM_LANES) {
        floats scale = symmetric_scales(load(memory->query_scales + i));
        store(memory->query_scales + i, scale);
        store(inverse + i, 1 / scale);
    }
    uint8_t *out = (uint8_t *)memory->queries;
    for (int64_t r = 0; r < count; r++, out += width)
        for (int64_t i = 0; i < width; i += GANRM_LANES) {
            floats v = load_bf16(x + r * shape->stride + i);
            store_bytes(out + i, round_to_ints(v * inverse[r]) + 128);
        }
    memset(out, 128, (size_t)((ROWS - count) * width));
}

/// Numbers 2c and 2c + 1 of LANES keys, a key per lane, less their means.
INLINE void centred_pair(const int32_t *pairs, const float *means, int64_t c, floats x[2]) {
    ints pair = load_cells(pairs + c * GANRM_LANES);
    x[0] = first_of_pairs(pair) - means[2 * c];
    x[1] = second_of_pairs(pair) - means[2 * c + 1];
}

/// Keys less their mean → `[tokens / lanes, cells, lanes]`, a key per lane. What is beyond the last key counts for
/// nothing.
INLINE void pack_keys_as_bytes(
    const ganrm_attention *shape, const uint16_t *x, const attention_memory *memory) {
    int64_t width = shape->head_width, steps = width / 4;
    float means[width];
    int32_t pairs[width / 2 * GANRM_LANES];
    for (int64_t i = 0; i < width; i += GANRM_LANES)
        store(means + i, spread_of_columns(shape, x + i).mean);
    for (int64_t first = 0; first < shape->tokens; first += GANRM_LANES) {
        ganrm_attention few = *shape;
        few.tokens = shape->tokens - first < GANRM_LANES ? shape->tokens - first : GANRM_LANES;
        pack_keys(PAIRS, &few, x + first * shape->stride, pairs);
        floats most = 0, centred[2];
        for (int64_t c = 0; c < width / 2; c++) {
            centred_pair(pairs, means, c, centred);
            most = larger_magnitude(larger_magnitude(most, centred[0]), centred[1]);
        }
        floats scale = symmetric_scales(most), inverse = 1 / scale;
        ints sum = 0;
        for (int64_t step = 0; step < steps; step++) {
            ints cells = 0;
#pragma clang loop unroll(full)
            for (int pair = 0; pair < 2; pair++) {
                centred_pair(pairs, means, 2 * step + pair, centred);
                for (int i = 0; i < 2; i++) {
                    ints rounded = round_to_ints(centred[i] * inverse);
                    sum += rounded;
                    cells |= (rounded & 0xff) << (16 * pair + 8 * i);
                }
            }
            memcpy(memory->keys + first * steps + step * GANRM_LANES, &cells, sizeof cells);
        }
        store(memory->key_scales + first, scale);
        sum *= -128;
        memcpy(memory->key_offsets + first, &sum, sizeof sum);
    }
    for (int64_t i = shape->tokens; i % (2 * GANRM_LANES); i++) {
        memory->key_scales[i] = 0;
        memory->key_offsets[i] = 0;
    }
}

/// Values less their mean → `[head width / lanes, steps, lanes]`, a step being four tokens.
INLINE void pack_values_as_bytes(
    const ganrm_attention *shape, const uint16_t *x, const attention_memory *memory) {
    int64_t steps = cell_count(QUADS, shape->tokens);
    for (int64_t first = 0; first < shape->head_width; first += GANRM_LANES) {
        column_spread spread = spread_of_columns(shape, x + first);
        floats scale = symmetric_scales(spread.most), inverse = 1 / scale;
        store(memory->value_scales + first, scale);
        store(memory->value_means + first, spread.mean);
        int32_t *out = memory->values + first * steps;
        for (int64_t token = 0; token < shape->tokens; token += 4, out += GANRM_LANES) {
            ints cells = 0;
            for (int64_t i = 0; i < 4 && token + i < shape->tokens; i++) {
                floats v = load_bf16(x + (token + i) * shape->stride + first);
                cells |= (round_to_ints((v - spread.mean) * inverse) & 0xff) << (8 * (int)i);
            }
            memcpy(out, &cells, sizeof cells);
        }
    }
}
