/// Template of column means, the pooling over tokens.

typedef double vec_f64 __attribute__((ext_vector_type(GANRM_LANES)));

/// Columns whose sums stay in the L1 cache while all rows are added.
enum { MEAN_COLUMNS_AT_ONCE = 512 };

INLINE void column_means_of(
    ganrm_dtype dtype, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    for (int64_t first = 0; first < width; first += MEAN_COLUMNS_AT_ONCE) {
        int64_t left = width - first;
        int64_t columns = left < MEAN_COLUMNS_AT_ONCE ? left : MEAN_COLUMNS_AT_ONCE;
        vec_f64 sums[MEAN_COLUMNS_AT_ONCE / GANRM_LANES] = {0};
        for (int64_t row = 0; row < rows; row++)
            for (int64_t i = 0; i < columns; i += GANRM_LANES) {
                int64_t index = row * stride + first + i;
                vec_f32 v = dtype == GANRM_BF16
                    ? load_up_to_bf16((const uint16_t *)x + index, columns - i)
                    : load_up_to((const float *)x + index, columns - i, 0);
                sums[i / GANRM_LANES] += __builtin_convertvector(v, vec_f64);
            }
        for (int64_t i = 0; i < columns; i += GANRM_LANES) {
            vec_f64 mean = sums[i / GANRM_LANES] / (double)rows;
            store_up_to(out + first + i, __builtin_convertvector(mean, vec_f32), columns - i);
        }
    }
}

KERNEL void column_means(
    ganrm_dtype dtype, const void *x, int64_t rows, int64_t stride, int64_t width, float *out) {
    if (dtype == GANRM_BF16) column_means_of(GANRM_BF16, x, rows, stride, width, out);
    else column_means_of(GANRM_F32, x, rows, stride, width, out);
}
