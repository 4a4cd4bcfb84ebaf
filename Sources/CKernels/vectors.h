/// Vectors of a level's width and what can be done with them.

typedef float floats __attribute__((ext_vector_type(GANRM_LANES)));
typedef int32_t ints __attribute__((ext_vector_type(GANRM_LANES)));
typedef uint16_t halves __attribute__((ext_vector_type(GANRM_LANES)));
typedef uint8_t bytes __attribute__((ext_vector_type(GANRM_LANES)));
typedef int16_t shorts __attribute__((ext_vector_type(2 * GANRM_LANES)));

#define KERNEL static GANRM_TARGET
#define INLINE static inline __attribute__((always_inline)) GANRM_TARGET

INLINE floats load(const float *x) {
    floats v;
    memcpy(&v, x, sizeof v);
    return v;
}

INLINE void store(float *out, floats v) { memcpy(out, &v, sizeof v); }

/// The first `count` lanes from memory, `filler` in the others.
INLINE floats load_part(const float *x, int64_t count, float filler) {
    float lanes[GANRM_LANES];
    for (int i = 0; i < GANRM_LANES; i++) lanes[i] = filler;
    memcpy(lanes, x, (size_t)count * sizeof(float));
    return load(lanes);
}

INLINE void store_part(float *out, floats v, int64_t count) {
    memcpy(out, &v, (size_t)count * sizeof(float));
}

/// A row's next vector, of which `count` numbers are left.
INLINE floats load_up_to(const float *x, int64_t count, float filler) {
    return count < GANRM_LANES ? load_part(x, count, filler) : load(x);
}

INLINE void store_up_to(float *out, floats v, int64_t count) {
    if (count < GANRM_LANES) store_part(out, v, count);
    else store(out, v);
}

INLINE floats choose(ints mask, floats yes, floats no) {
    return (floats)(((ints)yes & mask) | ((ints)no & ~mask));
}

/// The first `count` lanes of `v`, `filler` in the others.
INLINE floats first_lanes(floats v, int64_t count, float filler) {
    ints lane;
    for (int i = 0; i < GANRM_LANES; i++) lane[i] = i;
    return choose(lane < (int32_t)count, v, (floats)0 + filler);
}

/// Rounds to nearest, ties to even; NaN stays NaN.
INLINE halves round_bf16(floats v) {
#ifdef GANRM_HAS_DOT_PRODUCTS
    return (halves)_mm512_cvtneps_pbh((__m512)v);
#else
    ints bits = (ints)v;
    ints rounded = bits + 0x7fff + (bits >> 16 & 1);
    ints is_nan = v != v;
    rounded = (rounded & ~is_nan) | ((bits | 0x400000) & is_nan);
    return __builtin_convertvector(rounded >> 16 & 0xffff, halves);
#endif
}

INLINE void store_bf16(uint16_t *out, floats v) {
    halves h = round_bf16(v);
    memcpy(out, &h, sizeof h);
}

INLINE void store_part_bf16(uint16_t *out, floats v, int64_t count) {
    halves h = round_bf16(v);
    memcpy(out, &h, (size_t)count * sizeof(uint16_t));
}

INLINE void store_up_to_bf16(uint16_t *out, floats v, int64_t count) {
    if (count < GANRM_LANES) store_part_bf16(out, v, count);
    else store_bf16(out, v);
}

/// bfloat16 as floats.
INLINE floats load_bf16(const uint16_t *x) {
    halves h;
    memcpy(&h, x, sizeof h);
    return (floats)(__builtin_convertvector(h, ints) << 16);
}

/// The first and the second of two bfloat16 in each lane.
INLINE floats first_of_pairs(ints pairs) { return (floats)(pairs << 16); }
INLINE floats second_of_pairs(ints pairs) { return (floats)(pairs & -65536); }

INLINE floats load_up_to_bf16(const uint16_t *x, int64_t count) {
    uint16_t lanes[GANRM_LANES] = {0};
    if (count >= GANRM_LANES) return load_bf16(x);
    memcpy(lanes, x, (size_t)count * sizeof(uint16_t));
    return load_bf16(lanes);
}

INLINE float sum_of(floats v) {
    float lanes[GANRM_LANES];
    store(lanes, v);
    for (int half = GANRM_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

INLINE float largest_of(floats v) {
    float lanes[GANRM_LANES];
    store(lanes, v);
    for (int half = GANRM_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
    return lanes[0];
}

/// Numbers for each row of a block, in whole vectors.
enum { ROW_NUMBERS = 16 };

/// How a row's lanes become one number.
typedef enum {
    SUM,
    LARGEST,
    LARGEST_BITS,  ///< Of floats that are not negative: the largest, NaN if there is one.
} reduction;

INLINE floats reduce(reduction how, floats a, floats b) {
    switch (how) {
    case SUM: return a + b;
    case LARGEST: return choose(a > b, a, b);
    case LARGEST_BITS: return choose((ints)a > (ints)b, a, b);
    }
}

/// A number for each of `count` rows, at most ROW_NUMBERS. Halves of each row's lanes are reduced until one is
/// left; with AVX-512 those of several rows fill a vector meanwhile.
INLINE void reduce_rows(reduction how, int count, const floats *rows, float *out) {
#if GANRM_LANES == 16
    floats quarters[4], pairs[2];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        floats halves[2];
#pragma clang loop unroll(full)
        for (int j = 0; j < 2; j++) {
            int first = i + 8 * j, second = first + 4;
            __m512 a = (__m512)(first < count ? rows[first] : 0);
            __m512 b = (__m512)(second < count ? rows[second] : 0);
            halves[j] = reduce(
                how, (floats)_mm512_shuffle_f32x4(a, b, 0x44),
                (floats)_mm512_shuffle_f32x4(a, b, 0xee));
        }
        __m512 a = (__m512)halves[0], b = (__m512)halves[1];
        quarters[i] = reduce(
            how, (floats)_mm512_shuffle_f32x4(a, b, 0x88),
            (floats)_mm512_shuffle_f32x4(a, b, 0xdd));
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
        __m512d a = (__m512d)quarters[2 * i], b = (__m512d)quarters[2 * i + 1];
        pairs[i] = reduce(
            how, (floats)_mm512_unpacklo_pd(a, b), (floats)_mm512_unpackhi_pd(a, b));
    }
    __m512 a = (__m512)pairs[0], b = (__m512)pairs[1];
    floats ones = reduce(
        how, (floats)_mm512_shuffle_ps(a, b, 0x88), (floats)_mm512_shuffle_ps(a, b, 0xdd));
    store(out, ones);
#else
    // Bits are compared by what needs AVX-512.
    for (int r = 0; r < count; r++) out[r] = how == SUM ? sum_of(rows[r]) : largest_of(rows[r]);
#endif
}

/// The element of a table of 16 that the 4 lowest bits of an index say, lane by lane.
INLINE floats look_up(const float table[16], ints index) {
#if GANRM_LANES == 16
    return (floats)_mm512_permutexvar_ps((__m512i)index, (__m512)load(table));
#elif GANRM_LANES == 8
    __m256 low = _mm256_permutevar8x32_ps((__m256)load(table), (__m256i)index);
    __m256 high = _mm256_permutevar8x32_ps((__m256)load(table + 8), (__m256i)index);
    return (floats)_mm256_blendv_ps(low, high, (__m256)(index << 28));
#else
    floats v;
    for (int i = 0; i < GANRM_LANES; i++) v[i] = table[index[i] & 15];
    return v;
#endif
}

/// Minimax polynomials for 2^f, lowest term first; f is what is left of x above a whole number, or with less than
/// AVX-512 on either side of the nearest one.
#if GANRM_LANES == 16
static const float coarse_powers[] = {0.999925196f, 0.695833564f, 0.226067141f, 0.0780245289f};
static const float fine_powers[] = {1, 0.693147182f, 0.240226775f, 0.0554986782f, 0.00964619964f,
    0.00127488212f, 0.000206278302f};
#else
static const float coarse_powers[] = {0.999928057f, 0.693260968f, 0.242611125f, 0.0551716685f};
static const float fine_powers[] = {1, 0.693147182f, 0.240226507f, 0.0555041209f, 0.00961986743f,
    0.00133712508f, 0.000147445739f};
#endif

INLINE floats polynomial(const float *terms, int degree, floats x) {
    floats sum = (floats)0 + terms[degree];
#pragma clang loop unroll(full)
    for (int i = degree - 1; i >= 0; i--) sum = sum * x + terms[i];
    return sum;
}

/// 2^x for x ≤ 126, within 1 unit in the last place, or coarsely within 1 part in 13 000, an eighth of what rounding to
/// bfloat16 may cost; 0 or next to it from −126 down; NaN stays NaN.
INLINE floats power_of_2(bool is_coarse, floats x) {
#if GANRM_LANES == 16
    floats f = (floats)_mm512_reduce_ps((__m512)x, 0x09);  // x − ⌊x⌋
#else
    floats least = -126, most = 126;
    x = choose(x < least, least, choose(x > most, most, x));
    floats shifted = x + shifter;
    floats f = x - (shifted - shifter);
#endif
    floats p = is_coarse ? polynomial(coarse_powers, 3, f) : polynomial(fine_powers, 6, f);
#if GANRM_LANES == 16
    return (floats)_mm512_scalef_ps((__m512)p, (__m512)x);  // p · 2^⌊x⌋
#else
    return (floats)((ints)p + ((ints)shifted << 23));
#endif
}
