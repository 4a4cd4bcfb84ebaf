/// Attention of one head, softmax(scale · QKᵀ)V, in terms of vectors.
///
/// `ROWS` queries meet `GANRM_ATTENTION_SPAN` keys at a time, so that their scores stay in the first-level
/// cache; what they gathered before is scaled down when a larger score comes up ("online softmax": Milakov and
/// Gimelshein 2018; Dao et al. 2022, "FlashAttention").
///
/// As bytes, each query, each key and each column of the values has a scale of its own, and so have the exponentials
/// of a query and a span. Keys and values lose their mean over the clip first, which bytes would spend their
/// range on (Zhang et al. 2024, "SageAttention"): of keys it moves all scores of a query by the same number, which
/// softmax does not see; of values every query gets it back. Exponentials that a byte rounds to nothing still count
/// in the sum, so where one key gets most of the attention, what the many small ones would gather becomes the
/// mean: without that the error is three times as large. One query may ask for exponentials of 16 bits, two bytes
/// of which meet the values one after the other.
///
/// Budget on Zen 4, which starts one 512-bit product a cycle, for 12 queries, 1569 keys and head
/// width 64 in bfloat16: 38 thousand cycles for QKᵀ, as many for PV, 10 thousand for the
/// exponentials (6.8 per vector if all four pipes were always busy), 5 thousand to store the
/// scores and find their maxima, 2 thousand for packing: four fifths of the time are products. As bytes the
/// products take half as long.

// MARK: A block of queries and a span of keys

/// What a block of queries has seen so far.
typedef struct {
    float largest[ROW_NUMBERS];  ///< The largest score, scaled, as an exponent of 2.
    float sums[ROW_NUMBERS];     ///< Of exponentials of scores less the largest.
    float kept[ROW_NUMBERS];     ///< What the last span left of what had been gathered before it.
    float worth[ROW_NUMBERS];    ///< Of bytes: what 1 is worth in the last span's exponentials.
} softmax_state;

/// Scores of a block's queries against `count` keys from `first` on: `[rows, count]`.
INLINE void score(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    int64_t first, int64_t count) {
    int64_t steps = cell_count(kind, shape->head_width), stride = steps * GANRM_LANES;
    for (int64_t i = 0; i < count; i += VECTORS * GANRM_LANES) {
        right_side keys = {
            memory->keys + (first + i) * steps, stride, GANRM_LANES,
            kind == QUADS ? memory->key_offsets + first + i : NULL,
            kind == QUADS ? memory->key_scales + first + i : NULL};
        int vectors = count - i > GANRM_LANES ? VECTORS : 1;
        multiply_up_to(
            vectors, kind, rows, memory->queries, steps, keys, steps, memory->scores + i,
            memory->stride);
    }
}

/// Scores of the keys that are missing to two whole vectors: neither the largest nor a sum of exponentials notices
/// them.
INLINE void fill_scores(float *scores, int64_t count) {
    int64_t whole = count - count % GANRM_LANES;
    if (whole < count)
        store(scores + whole, first_lanes(load(scores + whole), count - whole, -INFINITY));
    for (int64_t i = (count + GANRM_LANES - 1) / GANRM_LANES; i % VECTORS; i++)
        store(scores + i * GANRM_LANES, (floats)0 - INFINITY);
}

/// The largest numbers of a row, lane by lane.
INLINE floats largest_in_row(const float *x, int64_t count) {
    floats most = -INFINITY;
    for (int64_t i = 0; i < count; i += GANRM_LANES) {
        floats v = load(x + i);
        most = choose(v > most, v, most);
    }
    return most;
}

/// Two vectors of exponentials → cells.
INLINE void store_exponentials(
    cell_kind kind, float *scores, int64_t i, floats a, floats b) {
    if (kind == QUADS) {
        store_bytes((uint8_t *)scores + i, round_to_ints(a));
        store_bytes((uint8_t *)scores + i + GANRM_LANES, round_to_ints(b));
        return;
    }
#ifdef GANRM_HAS_DOT_PRODUCTS
    if (kind == PAIRS) {
        __m512bh pairs = _mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
        memcpy((uint16_t *)scores + i, &pairs, sizeof pairs);
        return;
    }
#endif
    store(scores + i, a);
    store(scores + i + GANRM_LANES, b);
}

/// Scores of one query → cells of their exponentials, as bytes times 255, in place; returns their sums, lane by
/// lane. Scaled, they are exponents of 2.
INLINE floats exponentiate(
    cell_kind kind, float *scores, int64_t count, float scale, float largest) {
    floats sum = 0;
    bool is_coarse = kind == PAIRS || kind == QUADS;
    float shift = kind == QUADS ? largest - 7.99435344f : largest;  // log₂ 255
    for (int64_t i = 0; i < count; i += 2 * GANRM_LANES) {
        floats a = load(scores + i) * scale - shift;
        floats b = load(scores + i + GANRM_LANES) * scale - shift;
        a = power_of_2(is_coarse, a);
        b = power_of_2(is_coarse, b);
        sum += a + b;
        store_exponentials(kind, scores, i, a, b);
    }
    return sum;
}

/// The same of one query, as 16 bits, 255 · 256 being 1: their upper bytes in place, the lower ones apart.
INLINE floats exponentiate_finely(
    float *scores, int64_t count, float scale, float largest, uint8_t *low_bytes) {
    floats sum = 0;
    float shift = largest - 15.99435344f;  // log₂ (255 · 256)
    for (int64_t i = 0; i < count; i += GANRM_LANES) {
        floats a = power_of_2(true, load(scores + i) * scale - shift);
        sum += a;
        ints rounded = round_to_ints(a);
        store_bytes((uint8_t *)scores + i, rounded >> 8);
        store_bytes(low_bytes + i, rounded);
    }
    return sum * (1 / 256.0f);
}

/// Scores of a span → exponentials; what is known of the softmax so far follows.
INLINE void advance_softmax(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    int64_t first, int64_t count, softmax_state *state) {
    const float log2_e = 1.44269504f;
    float scales[ROW_NUMBERS] = {0}, tops[ROW_NUMBERS] = {0}, sums[ROW_NUMBERS] = {0};
    floats largest_of_row[ROWS], sum_of_row[ROWS];
    for (int r = 0; r < rows; r++) {
        float *scores = memory->scores + r * memory->stride;
        fill_scores(scores, count);
        scales[r] = log2_e * (kind == QUADS ? shape->scale * memory->query_scales[r] : shape->scale);
        largest_of_row[r] = largest_in_row(scores, count);
    }
    reduce_rows(LARGEST, rows, largest_of_row, tops);
    for (int i = 0; i < ROW_NUMBERS; i += GANRM_LANES) {
        floats before = load(state->largest + i), top = load(tops + i) * load(scales + i);
        store(tops + i, top);
        floats largest = choose(top > before, top, before);
        store(state->largest + i, largest);
        store(state->kept + i, power_of_2(false, before - largest));
        store(state->worth + i, power_of_2(false, top - largest) * (1 / 255.0f));
    }
    bool is_fine = kind == QUADS && memory->low_bytes;
    if (is_fine)
        sum_of_row[0] = exponentiate_finely(
            memory->scores, count, scales[0], tops[0], memory->low_bytes);
    for (int r = is_fine; r < rows; r++)
        sum_of_row[r] = exponentiate(
            kind, memory->scores + r * memory->stride, count, scales[r],
            kind == QUADS ? tops[r] : state->largest[r]);
    reduce_rows(SUM, rows, sum_of_row, sums);
    for (int i = 0; i < ROW_NUMBERS; i += GANRM_LANES) {
        floats sum = kind == QUADS ? load(sums + i) * load(state->worth + i) : load(sums + i);
        store(state->sums + i, load(state->sums + i) * load(state->kept + i) + sum);
    }
}

/// Exponentials of a block's queries · values of a span, added to what is left of what had been gathered.
INLINE void gather(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    int64_t first, int64_t count, const softmax_state *state) {
    int64_t stride = cell_count(kind, shape->tokens) * GANRM_LANES;
    enum { tile = VECTORS * GANRM_LANES };
    for (int64_t column = 0; column < shape->head_width; column += tile) {
        const int32_t *exponentials = (const int32_t *)memory->scores;
        right_side values = {
            memory->values + column / GANRM_LANES * stride + cell_count(kind, first) * GANRM_LANES,
            stride, GANRM_LANES};
        float part[ROWS * tile], low_part[tile];
        int64_t steps = cell_count(kind, count);
        int vectors = shape->head_width - column > GANRM_LANES ? VECTORS : 1;
        multiply_up_to(
            vectors, kind, rows, exponentials, memory->stride, values, steps, part, tile);
        bool is_fine = kind == QUADS && memory->low_bytes;
        if (is_fine)
            multiply_up_to(
                vectors, kind, 1, (const int32_t *)memory->low_bytes, 0, values, steps, low_part,
                tile);
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++) {
                float *gathered = memory->gathered + r * memory->columns + column + v * GANRM_LANES;
                floats here = load(part + r * tile + v * GANRM_LANES);
                if (kind == QUADS) here = __builtin_convertvector((ints)here, floats);
                if (is_fine && r == 0) {
                    ints low = (ints)load(low_part + v * GANRM_LANES);
                    here += __builtin_convertvector(low, floats) * (1 / 256.0f);
                }
                if (kind == QUADS) here *= state->worth[r];
                store(gathered, load(gathered) * state->kept[r] + here);
            }
    }
}

/// Stores one row of the result.
INLINE void store_row(
    cell_kind kind, const attention_memory *memory, const float *x, int64_t count, float factor,
    void *out, int64_t start) {
    for (int64_t i = 0; i < count; i += GANRM_LANES) {
        floats v = load(x + i) * factor;
        if (kind == QUADS) v = v * load(memory->value_scales + i) + load(memory->value_means + i);
        if (kind == FLOATS) store_up_to((float *)out + start + i, v, count - i);
        else store_up_to_bf16((uint16_t *)out + start + i, v, count - i);
    }
}

/// Attention of the packed queries, of which `used` are wanted.
INLINE void attend_block(
    cell_kind kind, int rows, const ganrm_attention *shape, const attention_memory *memory,
    int64_t used, void *out) {
    softmax_state state = {.sums = {0}};
    for (int i = 0; i < ROW_NUMBERS; i++) state.largest[i] = -INFINITY;
    memset(memory->gathered, 0, (size_t)(rows * memory->columns) * sizeof(float));
    for (int64_t first = 0; first < shape->tokens; first += memory->span) {
        int64_t left = shape->tokens - first, count = left < memory->span ? left : memory->span;
        score(kind, rows, shape, memory, first, count);
        advance_softmax(kind, rows, shape, memory, first, count, &state);
        gather(kind, rows, shape, memory, first, count, &state);
    }
    for (int64_t r = 0; r < used; r++)
        store_row(
            kind, memory, memory->gathered + r * memory->columns, shape->head_width,
            1 / state.sums[r], out, r * shape->out_stride);
}

/// Packs keys and values, then takes the queries block by block; the last block is cut to a third
/// or two of its size if that is enough.
INLINE void attend(
    cell_kind kind, const ganrm_attention *shape, const void *queries, int64_t query_count,
    const void *keys, const void *values, void *out, void *scratch) {
    attention_memory memory = attention_memory_in(scratch, shape->tokens, shape->head_width);
    if (!shape->fine_first) memory.low_bytes = NULL;
    if (kind == QUADS) {
        pack_keys_as_bytes(shape, keys, &memory);
        pack_values_as_bytes(shape, values, &memory);
    } else {
        pack_keys(kind, shape, keys, memory.keys);
        pack_values(kind, shape, values, memory.values);
    }
    for (int64_t first = 0; first < query_count; first += ROWS) {
        int64_t used = query_count - first < ROWS ? query_count - first : ROWS;
        const void *query = token_at(kind, queries, shape, first);
        if (kind == QUADS) pack_queries_as_bytes(shape, query, used, &memory);
        else pack_queries(kind, shape, query, used, memory.queries);
        void *block = (char *)out + first * shape->out_stride * number_size(kind);
        if (used > ROWS * 2 / 3) attend_block(kind, ROWS, shape, &memory, used, block);
        else if (used > ROWS / 3) attend_block(kind, ROWS * 2 / 3, shape, &memory, used, block);
        else attend_block(kind, ROWS / 3, shape, &memory, used, block);
        memory.low_bytes = NULL;
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

KERNEL void attention_int8(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
#ifdef GANRM_HAS_DOT_PRODUCTS
    if (shape->head_width % GANRM_LANES == 0) {
        attend(QUADS, shape, queries, query_count, keys, values, out, scratch);
        return;
    }
#endif
    attention_bf16(shape, queries, query_count, keys, values, out, scratch);
}
