/// Template of the pools of convolutional nets.

/// Reduces a window's rows vector by vector: its sums stay in registers while all rows are read.
INLINE void pool_window(
    bool is_mean, const float *const *rows, int64_t count, int64_t width, float *out) {
    for (int64_t i = 0; i < width; i += GANRM_LANES) {
        vec_f32 pooled = load_up_to(rows[0] + i, width - i, 0);
        for (int64_t row = 1; row < count; row++) {
            vec_f32 next = load_up_to(rows[row] + i, width - i, 0);
            // `larger` gives its second operand if one is NaN.
            pooled = is_mean ? pooled + next : choose(pooled != pooled, pooled, larger(pooled, next));
        }
        store_up_to(out + i, is_mean ? pooled / (float)count : pooled, width - i);
    }
}

KERNEL void pool_maximum(const float *const *rows, int64_t count, int64_t width, float *out) {
    pool_window(false, rows, count, width, out);
}

KERNEL void pool_mean(const float *const *rows, int64_t count, int64_t width, float *out) {
    pool_window(true, rows, count, width, out);
}
