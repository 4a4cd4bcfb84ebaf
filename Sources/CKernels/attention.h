/// Attention of one head, softmax(scale · QKᵀ)V, in terms of vectors.
///
/// A block of `ROWS` queries meets all keys before it meets the values: its scores, 12 × 2049
/// floats, fit the second-level cache with keys and values, so nothing is rescaled on the way.
///
/// Budget on Zen 4, which starts one 512-bit product a cycle, for 12 queries, 1569 keys and head
/// width 64 in bfloat16: 38 thousand cycles for QKᵀ, as many for PV, 10 thousand for the
/// exponentials (6.8 per vector if all four pipes were always busy), 5 thousand to store the
/// scores and find their maxima, 2 thousand for packing: four fifths of the time are products.

// MARK: Packing

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
    if (kind == FLOATS)
        return count < GANRM_LANES ? (ints)load_part(x, count, 0) : load_cells(x);
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

// MARK: A block of queries

/// Scores of a block's queries against all keys: `[rows, tokens]`.
INLINE void score(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory) {
    int64_t steps = cell_count(kind, shape->head_width), stride = steps * GANRM_LANES;
    for (int64_t first = 0; first < shape->tokens; first += VECTORS * GANRM_LANES) {
        right_side keys = {memory->keys + first * steps, stride, GANRM_LANES};
        float *scores = memory->scores + first;
        if (shape->tokens - first > GANRM_LANES)
            multiply(
                kind, rows, VECTORS, memory->queries, steps, keys, steps, scores,
                memory->stride);
        else
            multiply(
                kind, rows, 1, memory->queries, steps, keys, steps, scores,
                memory->stride);
    }
}

/// Two vectors of exponentials → cells.
INLINE void store_exponentials(
    cell_kind kind, float *scores, int64_t i, floats a, floats b) {
#ifdef GANRM_HAS_DOT_PRODUCTS
    if (kind == PAIRS) {
        __m512bh pairs = _mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
        memcpy((uint16_t *)scores + i, &pairs, sizeof pairs);
        return;
    }
#else
    (void)kind;
#endif
    store(scores + i, a);
    store(scores + i + GANRM_LANES, b);
}

/// Scores of one query → cells of their exponentials, but for a factor, in place; returns 1 /
/// their sum.
INLINE float exponentiate(
    cell_kind kind, float *scores, int64_t count, float scale, float largest) {
    // The missing keys' scores: no sum of exponentials notices them.
    for (int64_t i = count; i % (2 * GANRM_LANES); i++) scores[i] = -INFINITY;
    floats sum = 0;
    if (kind == PAIRS) scale *= 1.44269504f;
    float shift = largest * scale;
    for (int64_t i = 0; i < count; i += 2 * GANRM_LANES) {
        floats a = load(scores + i) * scale - shift;
        floats b = load(scores + i + GANRM_LANES) * scale - shift;
        a = kind == PAIRS ? coarse_power_of_2(a) : exponential(a);
        b = kind == PAIRS ? coarse_power_of_2(b) : exponential(b);
        sum += a + b;
        store_exponentials(kind, scores, i, a, b);
    }
    return 1 / sum_of(sum);
}

/// Scales one row of what was gathered and stores it.
INLINE void store_row(
    cell_kind kind, const float *x, int64_t count, float factor, void *out, int64_t start) {
    for (int64_t i = 0; i < count; i += GANRM_LANES) {
        floats v = load(x + i) * factor;
        int64_t here = count - i < GANRM_LANES ? count - i : GANRM_LANES;
        if (kind == FLOATS) {
            if (here == GANRM_LANES) store((float *)out + start + i, v);
            else store_part((float *)out + start + i, v, here);
        } else {
            if (here == GANRM_LANES) store_bf16((uint16_t *)out + start + i, v);
            else store_part_bf16((uint16_t *)out + start + i, v, here);
        }
    }
}

/// Exponentials of a block's queries · all values, times a factor per row, for the first `used`.
INLINE void gather(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    const float *factors, int64_t used, void *out) {
    int64_t steps = cell_count(kind, shape->tokens), stride = steps * GANRM_LANES;
    enum { tile = VECTORS * GANRM_LANES };
    for (int64_t first = 0; first < shape->head_width; first += tile) {
        const int32_t *exponentials = (const int32_t *)memory->scores;
        right_side values = {memory->values + first * steps, stride, GANRM_LANES};
        float gathered[ROWS * tile];
        int64_t count = shape->head_width - first;
        if (count > GANRM_LANES)
            multiply(
                kind, rows, VECTORS, exponentials, memory->stride, values, steps, gathered,
                tile);
        else
            multiply(
                kind, rows, 1, exponentials, memory->stride, values, steps, gathered, tile);
        for (int64_t r = 0; r < used; r++)
            store_row(
                kind, gathered + r * tile, count < tile ? count : tile, factors[r], out,
                r * shape->out_stride + first);
    }
}

/// Attention of the packed queries, of which `used` are wanted.
INLINE void attend_block(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    int64_t used, void *out) {
    score(kind, rows, shape, memory);
    float factors[ROWS];
    for (int r = 0; r < rows; r++) {
        float *scores = memory->scores + r * memory->stride;
        factors[r] = exponentiate(
            kind, scores, shape->tokens, shape->scale, largest_in_row(scores, shape->tokens));
    }
    gather(kind, rows, shape, memory, factors, used, out);
}

/// Packs keys and values, then takes the queries block by block; the last block is cut to a third
/// or two of its size if that is enough.
INLINE void attend(
    cell_kind kind, const ganrm_attention *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
    attention_memory memory = attention_memory_in(scratch, shape->tokens, shape->head_width);
    pack_keys(kind, shape, keys, memory.keys);
    pack_values(kind, shape, values, memory.values);
    for (int64_t first = 0; first < query_count; first += ROWS) {
        int64_t used = query_count - first < ROWS ? query_count - first : ROWS;
        pack_queries(kind, shape, token_at(kind, queries, shape, first), used, memory.queries);
        void *block = (char *)out + first * shape->out_stride * number_size(kind);
        if (used > ROWS * 2 / 3) attend_block(kind, ROWS, shape, &memory, used, block);
        else if (used > ROWS / 3) attend_block(kind, ROWS * 2 / 3, shape, &memory, used, block);
        else attend_block(kind, ROWS / 3, shape, &memory, used, block);
    }
}

KERNEL void attention(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attend(FLOATS, shape, queries, query_count, keys, values, out, scratch);
}

KERNEL void attention_bf16(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
#ifdef GANRM_HAS_DOT_PRODUCTS
    attend(PAIRS, shape, queries, query_count, keys, values, out, scratch);
#else
    attend(WIDENED, shape, queries, query_count, keys, values, out, scratch);
#endif
}
