/// Template of Gram matrices over frames.

/// Independent sums of an inner product, the same for all levels, so that all compute the same bits.
enum { GRAM_LANES = 8 };

typedef float unaligned_vec8_f32 __attribute__((ext_vector_type(GRAM_LANES), aligned(4)));
typedef double vec8_f64 __attribute__((ext_vector_type(GRAM_LANES)));

KERNEL void frame_gram(
    const float *const *frames, size_t offset, size_t count, size_t length, double *restrict out) {
    const size_t whole = length / GRAM_LANES * GRAM_LANES;
    for (size_t t = 0; t < count; t++) {
        const float *a = frames[t] + offset;
        for (size_t u = t; u < count; u++) {
            const float *b = frames[u] + offset;
            vec8_f64 sums = 0;
            for (size_t i = 0; i < whole; i += GRAM_LANES) {
                const unaligned_vec8_f32 *x = (const unaligned_vec8_f32 *)(a + i);
                const unaligned_vec8_f32 *y = (const unaligned_vec8_f32 *)(b + i);
                sums += __builtin_convertvector(*x, vec8_f64) * __builtin_convertvector(*y, vec8_f64);
            }
            double sum = 0;
            for (int lane = 0; lane < GRAM_LANES; lane++) sum += sums[lane];
            for (size_t i = whole; i < length; i++) sum += (double)a[i] * (double)b[i];
            out[t * count + u] = out[u * count + t] = sum;
        }
    }
}
