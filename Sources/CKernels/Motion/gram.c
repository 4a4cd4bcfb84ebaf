#include "gram.h"

// The loader picks the version for the widest vectors that the CPU has.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_CPU
#endif

enum { LANES = 8 };

typedef float unaligned_floats __attribute__((ext_vector_type(LANES), aligned(4)));
typedef double doubles __attribute__((ext_vector_type(LANES)));

FOR_EACH_CPU
void ganrm_frame_gram(const float *const *frames, size_t offset, size_t count, size_t length,
                      double *restrict out)
{
    const size_t whole = length / LANES * LANES;
    for (size_t t = 0; t < count; t++) {
        const float *a = frames[t] + offset;
        for (size_t u = t; u < count; u++) {
            const float *b = frames[u] + offset;
            doubles sums = 0;
            for (size_t i = 0; i < whole; i += LANES) {
                const doubles x = __builtin_convertvector(*(const unaligned_floats *)(a + i), doubles);
                const doubles y = __builtin_convertvector(*(const unaligned_floats *)(b + i), doubles);
                sums += x * y;
            }
            double sum = 0;
            for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
            for (size_t i = whole; i < length; i++) sum += (double)a[i] * (double)b[i];
            out[t * count + u] = out[u * count + t] = sum;
        }
    }
}
