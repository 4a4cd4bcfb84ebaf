#include "head.h"

#include <math.h>

// The loader picks the widest version that the CPU has. Clang needs -fno-math-errno to vectorise
// sqrtf, or a builtin that never sets errno.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2,fma", "default")))
#else
#define FOR_EACH_CPU
#endif

FOR_EACH_CPU
void ganrm_adamw(float *restrict weights, float *restrict first_moments,
                 float *restrict second_moments, const float *restrict gradients, size_t count,
                 struct ganrm_adamw_step step)
{
    const float new1 = 1.0f - step.beta1;
    const float new2 = 1.0f - step.beta2;
    const float size = step.rate / step.correction1;
    for (size_t i = 0; i < count; i++) {
        const float g = gradients[i];
        const float m = first_moments[i] + new1 * (g - first_moments[i]);
        const float v = step.beta2 * second_moments[i] + new2 * g * g;
        const float scale = __builtin_elementwise_sqrt(v) / step.correction2_root + step.epsilon;
        first_moments[i] = m;
        second_moments[i] = v;
        weights[i] = step.retained * weights[i] - size * m / scale;
    }
}
