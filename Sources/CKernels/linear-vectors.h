/// Linear layers in terms of vectors.
///
/// GROUP columns of the weights, which stay in the second-level cache, meet all rows; then the next ones do.
/// Sums become results as soon as they are there.

enum { GROUP = VECTORS * GANRM_LANES };

/// x · σ(1.702 x).
INLINE floats quick_gelu(floats x) {
    floats t = x * 1.702f;
    floats e = exponential(choose(t > 0, -t, t));
    return x * choose(t > 0, (floats)0 + 1, e) * reciprocal(e + 1);
}

/// x · Φ(x); erfc by Abramowitz and Stegun, 7.1.26.
INLINE floats gelu(floats x) {
    floats z = choose(x > 0, x, -x) * 0.70710678118654752f;
    floats t = reciprocal(z * 0.3275911f + 1);
    floats p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    floats half_tail = p * t * exponential(-z * z) * 0.5f;
    return x * choose(x > 0, 1 - half_tail, half_tail);
}

/// A row's sums become floats.
INLINE void convert_sums(
    const ganrm_linear *layer, const ganrm_weights *weights, int64_t row, int64_t column,
    cell_kind kind, const float *sums, floats x[VECTORS]) {
    for (int v = 0; v < VECTORS; v++) {
        int64_t first = column + v * GANRM_LANES;
        if (kind == QUADS) {
            ganrm_byte_scale scale = layer->scales[row];
            floats scales = load(weights->scales + first) * scale.one;
            ints whole = (ints)load(sums + v * GANRM_LANES)
                - load_cells(weights->sums + first) * scale.zero;
            x[v] = __builtin_convertvector(whole, floats) * scales + load(weights->bias + first);
        } else {
            x[v] = load(sums + v * GANRM_LANES) + load(weights->bias + first);
        }
    }
}

/// x · σ(t), where t comes as −t / ln 2: as coarse as bfloat16 allows.
INLINE floats coarse_gate(floats x, floats t) {
    return x * coarse_reciprocal(coarse_power_of_2(t) + 1);
}

INLINE floats coarse_quick_gelu(floats x) { return coarse_gate(x, x * -2.45546696f); }

/// x · σ(x · p(x²)) with an absolute error of 2.5e-5; p is a minimax polynomial.
INLINE floats coarse_gelu(floats x) {
    floats square = x * x, most = 36;
    square = choose(square > most, most, square);
    floats p = square * 1.01426336e-3f - 0.106775721f;
    return coarse_gate(x, x * (p * square - 2.30112137f));
}

INLINE void activate(floats x[VECTORS], ganrm_activation activation, bool is_coarse) {
    switch (activation) {
    case GANRM_NO_ACTIVATION: break;
    case GANRM_QUICK_GELU:
        for (int v = 0; v < VECTORS; v++)
            x[v] = is_coarse ? coarse_quick_gelu(x[v]) : quick_gelu(x[v]);
        break;
    case GANRM_GELU:
        for (int v = 0; v < VECTORS; v++) x[v] = is_coarse ? coarse_gelu(x[v]) : gelu(x[v]);
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

/// GROUP columns of `rows` rows.
INLINE void block(
    cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights, int64_t row, int rows,
    int64_t column) {
    int64_t steps = ganrm_cells(weights->number, weights->inner);
    right_side right = {
        (const int32_t *)weights->panels + column / GANRM_PANEL * GANRM_PANEL * steps
            + column % GANRM_PANEL,
        GANRM_LANES == GANRM_PANEL ? GANRM_PANEL * steps : GANRM_LANES, GANRM_PANEL};
    float sums[ROWS * GROUP];
    multiply(
        kind, rows, VECTORS, (const int32_t *)((const char *)layer->x + row * layer->stride),
        layer->stride / 4, right, steps, sums, GROUP);
    int64_t left = weights->columns - column;
    // Not laid out row by row, which would fill the instruction cache.
#pragma clang loop unroll(disable)
    for (int i = 0; i < rows; i++) {
        floats x[VECTORS];
        convert_sums(layer, weights, row + i, column, kind, sums + i * GROUP, x);
        activate(x, layer->activation, layer->destination == GANRM_STORE_BF16);
        int64_t place = (row + i) * layer->out_stride + column;
        if (left >= GROUP) store_result(layer, place, x);
        else store_part_of_result(layer, place, x, left);
    }
}

INLINE void all_blocks(cell_kind kind, const ganrm_linear *layer, const ganrm_weights *weights) {
    for (int64_t column = 0; column < weights->columns; column += GROUP) {
        int64_t row = 0;
        for (; row + ROWS <= layer->rows; row += ROWS)
            block(kind, layer, weights, row, ROWS, column);
        for (; row + ROWS / 3 <= layer->rows; row += ROWS / 3)
            block(kind, layer, weights, row, ROWS / 3, column);
        for (; row < layer->rows; row++) block(kind, layer, weights, row, 1, column);
    }
}

KERNEL void linear(const ganrm_linear *layer, const ganrm_weights *weights) {
    switch (weights->number) {
    case GANRM_F32: all_blocks(FLOATS, layer, weights); break;
    case GANRM_BF16: all_blocks(PAIRS, layer, weights); break;
    case GANRM_INT8: all_blocks(QUADS, layer, weights); break;
    }
}
