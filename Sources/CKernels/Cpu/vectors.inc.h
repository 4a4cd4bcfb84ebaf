/// Template of a level's vector types and their basic operations.

typedef float vec_f32 __attribute__((ext_vector_type(GANRM_LANES)));
typedef int32_t vec_i32 __attribute__((ext_vector_type(GANRM_LANES)));
typedef uint16_t vec_u16 __attribute__((ext_vector_type(GANRM_LANES)));
typedef uint8_t vec_u8 __attribute__((ext_vector_type(GANRM_LANES)));
/// Two int16 per 32-bit lane.
typedef int16_t vec_i16x2 __attribute__((ext_vector_type(2 * GANRM_LANES)));

/// Whether neighbouring int8 products are added in 16 bits, with saturation.
#if GANRM_LANES > 4 && !defined(GANRM_HAS_VNNI)
#define ADDS_INT8_PAIRS 1
#else
#define ADDS_INT8_PAIRS 0
#endif

#define KERNEL static GANRM_TARGET
#define INLINE static inline __attribute__((always_inline)) GANRM_TARGET

INLINE vec_f32 load(const float *x) {
    vec_f32 v;
    memcpy(&v, x, sizeof v);
    return v;
}

INLINE void store(float *out, vec_f32 v) { memcpy(out, &v, sizeof v); }

/// Loads the first `count` lanes; the others are `filler`.
INLINE vec_f32 load_part(const float *x, int64_t count, float filler) {
    float lanes[GANRM_LANES];
    for (int i = 0; i < GANRM_LANES; i++) lanes[i] = filler;
    memcpy(lanes, x, (size_t)count * sizeof(float));
    return load(lanes);
}

INLINE void store_part(float *out, vec_f32 v, int64_t count) {
    memcpy(out, &v, (size_t)count * sizeof(float));
}

/// Loads a row's next vector, where `count` elements are left.
INLINE vec_f32 load_up_to(const float *x, int64_t count, float filler) {
    return count < GANRM_LANES ? load_part(x, count, filler) : load(x);
}

INLINE void store_up_to(float *out, vec_f32 v, int64_t count) {
    if (count < GANRM_LANES) store_part(out, v, count);
    else store(out, v);
}

INLINE vec_f32 choose(vec_i32 mask, vec_f32 yes, vec_f32 no) {
    return (vec_f32)(((vec_i32)yes & mask) | ((vec_i32)no & ~mask));
}

/// The larger one; `b` if one is NaN.
INLINE vec_f32 larger(vec_f32 a, vec_f32 b) {
#if GANRM_LANES == 16
    return (vec_f32)_mm512_max_ps((__m512)a, (__m512)b);
#elif GANRM_LANES == 8
    return (vec_f32)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return choose(a > b, a, b);
#endif
}

/// The smaller one; `b` if one is NaN.
INLINE vec_f32 smaller(vec_f32 a, vec_f32 b) {
#if GANRM_LANES == 16
    return (vec_f32)_mm512_min_ps((__m512)a, (__m512)b);
#elif GANRM_LANES == 8
    return (vec_f32)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return choose(a < b, a, b);
#endif
}

/// Keeps the first `count` lanes of `v`; the others become `filler`.
INLINE vec_f32 first_lanes(vec_f32 v, int64_t count, float filler) {
    vec_i32 lane;
    for (int i = 0; i < GANRM_LANES; i++) lane[i] = i;
    return choose(lane < (int32_t)count, v, (vec_f32)0 + filler);
}

#if GANRM_LANES == 16
/// Rounds to bf16, to nearest, ties to even, in the high half of each lane; NaN stays NaN. The low half is arbitrary.
INLINE __m512i round_high_halves(vec_f32 v) {
    __m512i bits = (__m512i)v, rounded = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff));
    __mmask16 is_odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000));
    rounded = _mm512_mask_add_epi32(rounded, is_odd, rounded, _mm512_set1_epi32(1));
    const __m512i quiet_nan = _mm512_set1_epi32(0x22);  // Of both kinds of NaN; all else is kept.
    return (__m512i)_mm512_fixupimm_ps((__m512)rounded, (__m512)v, quiet_nan, 0);
}
#endif

/// Rounds to bf16, to nearest, ties to even; NaN stays NaN.
INLINE vec_u16 round_bf16(vec_f32 v) {
#if defined(GANRM_HAS_BF16) && GANRM_LANES == 16
    return (vec_u16)_mm512_cvtneps_pbh((__m512)v);
#elif GANRM_LANES == 16
    return (vec_u16)_mm512_cvtepi32_epi16(_mm512_srli_epi32(round_high_halves(v), 16));
#else
    vec_i32 bits = (vec_i32)v;
    vec_i32 rounded = bits + 0x7fff + (bits >> 16 & 1);
    vec_i32 is_nan = v != v;
    rounded = (rounded & ~is_nan) | ((bits | 0x400000) & is_nan);
    return __builtin_convertvector(rounded >> 16 & 0xffff, vec_u16);
#endif
}

INLINE void store_bf16(uint16_t *out, vec_f32 v) {
    vec_u16 h = round_bf16(v);
    memcpy(out, &h, sizeof h);
}

/// Stores two vectors.
INLINE void store_two_bf16(uint16_t *out, vec_f32 a, vec_f32 b) {
#if defined(GANRM_HAS_BF16) && GANRM_LANES == 16
    __m512bh both = _mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
    memcpy(out, &both, sizeof both);
#elif GANRM_LANES == 16
    vec_i16x2 high_halves;
#pragma clang loop unroll(full)
    for (int i = 0; i < 2 * GANRM_LANES; i++) high_halves[i] = (int16_t)(2 * i + 1);
    __m512i both = _mm512_permutex2var_epi16(
        round_high_halves(a), (__m512i)high_halves, round_high_halves(b));
    memcpy(out, &both, sizeof both);
#else
    store_bf16(out, a);
    store_bf16(out + GANRM_LANES, b);
#endif
}

INLINE void store_part_bf16(uint16_t *out, vec_f32 v, int64_t count) {
    vec_u16 h = round_bf16(v);
    memcpy(out, &h, (size_t)count * sizeof(uint16_t));
}

INLINE void store_up_to_bf16(uint16_t *out, vec_f32 v, int64_t count) {
    if (count < GANRM_LANES) store_part_bf16(out, v, count);
    else store_bf16(out, v);
}

/// Loads bf16, widened to f32.
INLINE vec_f32 load_bf16(const uint16_t *x) {
    vec_u16 h;
    memcpy(&h, x, sizeof h);
    return (vec_f32)(__builtin_convertvector(h, vec_i32) << 16);
}

/// The low and the high bf16 of each lane, widened to f32.
INLINE vec_f32 low_bf16(vec_i32 pairs) { return (vec_f32)(pairs << 16); }
INLINE vec_f32 high_bf16(vec_i32 pairs) { return (vec_f32)(pairs & -65536); }

INLINE vec_f32 load_up_to_bf16(const uint16_t *x, int64_t count) {
    uint16_t lanes[GANRM_LANES] = {0};
    if (count >= GANRM_LANES) return load_bf16(x);
    memcpy(lanes, x, (size_t)count * sizeof(uint16_t));
    return load_bf16(lanes);
}

INLINE float sum_of(vec_f32 v) {
    float lanes[GANRM_LANES];
    store(lanes, v);
    for (int half = GANRM_LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

/// Length of arrays with a value per row of a tile: at least its rows, a whole number of vectors.
enum { ROW_VALUES = 16 };

/// Horizontal reductions.
typedef enum {
    SUM,
    MAX,
    MAX_BITS,  ///< Maximum of non-negative floats, NaN if there is one.
} reduction;

INLINE vec_f32 reduce(reduction how, vec_f32 a, vec_f32 b) {
    switch (how) {
    case SUM: return a + b;
    case MAX: return larger(a, b);
    case MAX_BITS: return choose((vec_i32)a > (vec_i32)b, a, b);
    }
}

#if GANRM_LANES < 16
/// Reduces the lanes of a vector to one value, half with half until one is left.
INLINE float reduce_lanes(reduction how, vec_f32 v) {
#pragma clang loop unroll(full)
    for (int half = GANRM_LANES / 2; half > 0; half /= 2) {
        vec_f32 upper = 0;
        for (int i = 0; i < half; i++) upper[i] = v[i + half];
        v = reduce(how, v, upper);
    }
    return v[0];
}
#endif

/// Reduces the lanes of each of `count` rows, at most ROW_VALUES, to one value. Halves of the lanes are combined until
/// one is left; with AVX-512 several rows share a vector meanwhile.
INLINE void reduce_rows(reduction how, int count, const vec_f32 *rows, float *out) {
#if GANRM_LANES == 16
    vec_f32 quarters[4], pairs[2];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        vec_f32 halves[2];
#pragma clang loop unroll(full)
        for (int j = 0; j < 2; j++) {
            int first = i + 8 * j, second = first + 4;
            __m512 a = (__m512)(first < count ? rows[first] : 0);
            __m512 b = (__m512)(second < count ? rows[second] : 0);
            halves[j] = reduce(
                how, (vec_f32)_mm512_shuffle_f32x4(a, b, 0x44),
                (vec_f32)_mm512_shuffle_f32x4(a, b, 0xee));
        }
        __m512 a = (__m512)halves[0], b = (__m512)halves[1];
        quarters[i] = reduce(
            how, (vec_f32)_mm512_shuffle_f32x4(a, b, 0x88),
            (vec_f32)_mm512_shuffle_f32x4(a, b, 0xdd));
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
        __m512d a = (__m512d)quarters[2 * i], b = (__m512d)quarters[2 * i + 1];
        pairs[i] = reduce(
            how, (vec_f32)_mm512_unpacklo_pd(a, b), (vec_f32)_mm512_unpackhi_pd(a, b));
    }
    __m512 a = (__m512)pairs[0], b = (__m512)pairs[1];
    vec_f32 reduced = reduce(
        how, (vec_f32)_mm512_shuffle_ps(a, b, 0x88), (vec_f32)_mm512_shuffle_ps(a, b, 0xdd));
    store(out, reduced);
#else
    for (int r = 0; r < count; r++) out[r] = reduce_lanes(how, rows[r]);
#endif
}

/// Looks up `table[index & 15]`, lane by lane.
INLINE vec_f32 look_up(const float table[16], vec_i32 index) {
#if GANRM_LANES == 16
    return (vec_f32)_mm512_permutexvar_ps((__m512i)index, (__m512)load(table));
#elif GANRM_LANES == 8
    __m256 low = _mm256_permutevar8x32_ps((__m256)load(table), (__m256i)index);
    __m256 high = _mm256_permutevar8x32_ps((__m256)load(table + 8), (__m256i)index);
    return (vec_f32)_mm256_blendv_ps(low, high, (__m256)(index << 28));
#else
    vec_f32 v;
    for (int i = 0; i < GANRM_LANES; i++) v[i] = table[index[i] & 15];
    return v;
#endif
}

/// Minimax polynomials of 2^f, lowest power first, accurate enough for bf16 and for f32 results. With AVX-512
/// f = x − ⌊x⌋, otherwise f is x minus the nearest integer.
#if GANRM_LANES == 16
static const float exp2_bf16[] = {0.999925196f, 0.695833564f, 0.226067141f, 0.0780245289f};
static const float exp2_f32[] = {1, 0.693147182f, 0.240226775f, 0.0554986782f, 0.00964619964f,
    0.00127488212f, 0.000206278302f};
#else
static const float exp2_bf16[] = {0.999928057f, 0.693260968f, 0.242611125f, 0.0551716685f};
static const float exp2_f32[] = {1, 0.693147182f, 0.240226507f, 0.0555041209f, 0.00961986743f,
    0.00133712508f, 0.000147445739f};
#endif

INLINE vec_f32 polynomial(const float *coefficients, int degree, vec_f32 x) {
    vec_f32 sum = (vec_f32)0 + coefficients[degree];
#pragma clang loop unroll(full)
    for (int i = degree - 1; i >= 0; i--) sum = sum * x + coefficients[i];
    return sum;
}

/// 2^x for x ≤ 126, within 1 ulp, or for a bf16 result within 1 part in 13 000, an eighth of its rounding error.
/// From −126 down the result is 0 or close to it; NaN stays NaN.
INLINE vec_f32 power_of_2(bool for_bf16, vec_f32 x) {
#if GANRM_LANES == 16
    vec_f32 f = (vec_f32)_mm512_reduce_ps((__m512)x, 0x09);  // x − ⌊x⌋
#else
    x = larger((vec_f32)0 - 126, x);
    vec_f32 shifted = x + rounding_magic;
    vec_f32 f = x - (shifted - rounding_magic);
#endif
    vec_f32 p = for_bf16 ? polynomial(exp2_bf16, 3, f) : polynomial(exp2_f32, 6, f);
#if GANRM_LANES == 16
    return (vec_f32)_mm512_scalef_ps((__m512)p, (__m512)x);  // p · 2^⌊x⌋
#else
    return (vec_f32)((vec_i32)p + ((vec_i32)shifted << 23));
#endif
}
