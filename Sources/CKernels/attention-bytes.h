/// Attention whose queries meet the keys as bytes; what they gather of the values is as in
/// `attention_bf16`, which takes 1.2 times as long.
///
/// Each query and each key has a scale of its own. Keys lose their mean over the clip first: that moves all
/// scores of a query by the same number, which softmax does not see, and it is most of what keys
/// have in common and bytes would spend their range on (Zhang et al. 2024, "SageAttention"). The exponentials
/// stay bfloat16: where one key gets most of the attention, bytes would round all others to nothing.

#ifdef GANRM_HAS_DOT_PRODUCTS
/// The mean of each of the keys' numbers.
INLINE void average_keys(const ganrm_attention *shape, const uint16_t *x, float *means) {
    for (int64_t i = 0; i < shape->head_width; i += GANRM_LANES) {
        floats sum = 0;
        for (int64_t token = 0; token < shape->tokens; token++)
            sum += load_bf16(x + token * shape->stride + i);
        store(means + i, sum * (1 / (float)shape->tokens));
    }
}

/// Rounds a row, less `means` (or NULL), to bytes around `zero`; returns what 1 is worth, and adds the numbers to
/// `sum`.
INLINE float row_to_bytes(
    const uint16_t *x, const float *means, int64_t width, int zero, char *out, ints *sum) {
    floats most = 0;
    for (int64_t i = 0; i < width; i += GANRM_LANES) {
        floats v = load_bf16(x + i);
        most = larger_magnitude(most, means ? v - load(means + i) : v);
    }
    float scale = byte_scale(largest_magnitude(most)), inverse = 1 / scale;
    for (int64_t i = 0; i < width; i += GANRM_LANES) {
        floats v = load_bf16(x + i);
        ints rounded = round_to_ints((means ? v - load(means + i) : v) * inverse);
        *sum += rounded;
        bytes b = to_bytes(rounded + zero);
        memcpy(out + i, &b, sizeof b);
    }
    return scale;
}

INLINE int32_t sum_of_ints(ints v) {
    int32_t lanes[GANRM_LANES], sum = 0;
    memcpy(lanes, &v, sizeof v);
    for (int i = 0; i < GANRM_LANES; i++) sum += lanes[i];
    return sum;
}

/// Keys → `[tokens / lanes, cells, lanes]`, a key per lane.
INLINE void pack_keys_as_bytes(
    const ganrm_attention *shape, const uint16_t *x, const attention_memory *memory) {
    int64_t steps = shape->head_width / 4;
    average_keys(shape, x, memory->key_means);
    for (int64_t token = 0; token < shape->tokens; token++) {
        int32_t row[shape->head_width / 4];
        ints sum = 0;
        prefetch_token(PAIRS, x, shape, token + 16);
        memory->key_scales[token] = row_to_bytes(
            x + token * shape->stride, memory->key_means, shape->head_width, 0, (char *)row, &sum);
        memory->key_offsets[token] = 128 * sum_of_ints(sum);
        int64_t lane = token % GANRM_LANES;
        int32_t *block = memory->keys + (token - lane) * steps + lane;
        for (int64_t c = 0; c < steps; c++) block[c * GANRM_LANES] = row[c];
    }
}

/// Sums of products of bytes → scores but for the query's scale, in place; returns the largest.
INLINE float scale_scores(float *scores, int64_t tokens, const attention_memory *memory) {
    floats most = -INFINITY;
    for (int64_t i = 0; i < tokens; i += GANRM_LANES) {
        ints sums = (ints)load(scores + i) - load_cells(memory->key_offsets + i);
        floats v = __builtin_convertvector(sums, floats) * load(memory->key_scales + i);
        store(scores + i, v);
        most = choose(v > most, v, most);
    }
    return largest_of(most);
}

/// Attention of `rows` packed queries, of which `used` are wanted.
INLINE void attend_block_of_bytes(
    int rows, const ganrm_attention *shape, const attention_memory *memory, const float *scales,
    int64_t used, void *out) {
    score(QUADS, rows, shape, memory);
    float factors[ROWS];
    for (int r = 0; r < rows; r++) {
        float *row = memory->scores + r * memory->stride;
        float largest = scale_scores(row, shape->tokens, memory);
        factors[r] =
            exponentiate(PAIRS, row, shape->tokens, shape->scale * scales[r], largest);
    }
    gather(PAIRS, rows, shape, memory, factors, used, out);
}

KERNEL void attention_int8(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    int64_t width = shape->head_width;
    if (width % GANRM_LANES) {
        attention_bf16(shape, queries, query_count, keys, values, out, scratch);
        return;
    }
    attention_memory memory = attention_memory_in(scratch, shape->tokens, width);
    // What is beyond the last key is read, and then made to count for nothing.
    for (int64_t i = shape->tokens; i % 32; i++) {
        memory.key_scales[i] = 0;
        memory.key_offsets[i] = 0;
    }
    pack_keys_as_bytes(shape, keys, &memory);
    pack_values(PAIRS, shape, values, memory.values);
    for (int64_t first = 0; first < query_count; first += ROWS) {
        int64_t used = query_count - first < ROWS ? query_count - first : ROWS;
        float scales[ROWS] = {0};
        for (int64_t r = 0; r < used; r++) {
            ints sum = 0;
            const uint16_t *query = (const uint16_t *)queries + (first + r) * shape->stride;
            prefetch_token(PAIRS, query, shape, ROWS);
            scales[r] = row_to_bytes(
                query, NULL, width, 128, (char *)memory.queries + r * width, &sum);
        }
        memset((char *)memory.queries + used * width, 128, (size_t)((ROWS - used) * width));
        void *block = (uint16_t *)out + first * shape->out_stride;
        if (used > ROWS * 2 / 3) attend_block_of_bytes(ROWS, shape, &memory, scales, used, block);
        else if (used > ROWS / 3)
            attend_block_of_bytes(ROWS * 2 / 3, shape, &memory, scales, used, block);
        else attend_block_of_bytes(ROWS / 3, shape, &memory, scales, used, block);
    }
}
#else
KERNEL void attention_int8(
    const ganrm_attention *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch) {
    attention_bf16(shape, queries, query_count, keys, values, out, scratch);
}
#endif
