/// Template of matrix products, shared by linear layers and attention.
///
/// Operands are *cells* of 32 bits, each a step along the inner dimension: one f32, two bf16 or four int8, whose
/// products one instruction adds up per lane.

/// Rows, and vectors per row, whose sums `multiply` keeps in registers: 24 of 32 registers with AVX-512 and NEON, 12
/// of 16 otherwise; the rest hold operands.
#if GANRM_LANES == 16 || defined(__aarch64__)
enum { TILE_ROWS = GANRM_QUERY_BLOCK };
#else
enum { TILE_ROWS = 6 };
#endif
enum { TILE_VECTORS = 2 };

/// Contents of a cell.
typedef enum {
    F32,
    BF16_AS_F32,  ///< One bf16, widened to f32.
    BF16X2,       ///< Two bf16, the first in the low half.
    INT8X4,       ///< Four bytes, unsigned in the left operand and signed in the right; sums are int32.
} cell_type;

typedef int32_t vec4_i32 __attribute__((ext_vector_type(4)));

INLINE vec_i32 load_cells(const int32_t *x) {
    vec_i32 v;
    memcpy(&v, x, sizeof v);
    return v;
}

INLINE vec_f32 dot_bf16x2(vec_i32 a, vec_i32 b, vec_f32 sum) {
#if defined(GANRM_HAS_BF16) && defined(__aarch64__)
    return (vec_f32)vbfdotq_f32((float32x4_t)sum, (bfloat16x8_t)a, (bfloat16x8_t)b);
#elif defined(GANRM_HAS_BF16)
    return (vec_f32)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
    sum = low_bf16(a) * low_bf16(b) + sum;
    return high_bf16(a) * high_bf16(b) + sum;
#endif
}

INLINE vec_i32 dot_int8x4(vec_i32 a, vec_i32 b, vec_i32 sum) {
#if defined(GANRM_HAS_VNNI) && GANRM_LANES == 16
    return (vec_i32)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(GANRM_HAS_VNNI)
    return (vec_i32)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
#elif defined(GANRM_HAS_I8MM)
    return (vec_i32)vusdotq_s32((int32x4_t)sum, (uint8x16_t)a, (int8x16_t)b);
#elif GANRM_LANES == 16
    __m512i pairs = _mm512_maddubs_epi16((__m512i)a, (__m512i)b);
    return sum + (vec_i32)_mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
#elif GANRM_LANES == 8
    __m256i pairs = _mm256_maddubs_epi16((__m256i)a, (__m256i)b);
    return sum + (vec_i32)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
#else
    for (int shift = 0; shift < 32; shift += 8) sum += (a >> shift & 0xff) * (b << (24 - shift) >> 24);
    return sum;
#endif
}

/// `sum + a · b`, lane by lane.
INLINE vec_f32 multiply_add(cell_type type, vec_i32 a, vec_i32 b, vec_f32 sum) {
    switch (type) {
    case BF16X2: return dot_bf16x2(a, b, sum);
    case INT8X4: return (vec_f32)dot_int8x4(a, b, (vec_i32)sum);
    default: return (vec_f32)a * (vec_f32)b + sum;
    }
}

/// The right operand of a product: a vector of cells for each step.
typedef struct {
    const int32_t *cells;
    /// Stride from one vector of columns to the next, in cells.
    int64_t vector_stride;
    /// Stride from one step to the next, in cells.
    int64_t step_stride;
    /// INT8X4: initial sum and dequantization scale of each lane. If `scales` is not NULL, sums become f32.
    const int32_t *initial_sums;
    const float *scales;
} right_operand;

/// Makes the next rows' address depend on a row's sums: otherwise the compiler may load all rows first, and then
/// spills registers, depending on the code around the loop.
#if GANRM_LANES == 16
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+v"((sums)[0]), "+v"((sums)[1]))
#elif GANRM_LANES == 8
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+x"((sums)[0]), "+x"((sums)[1]))
#elif defined(__aarch64__)
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+w"((sums)[0]), "+w"((sums)[1]))
#else
#define KEEP_ORDER(row, sums) (void)0
#endif

/// Aligns a loop to a cache line.
#if __has_c_attribute(clang::code_align)
#define ALIGN_LOOP [[clang::code_align(64)]]
#else
#define ALIGN_LOOP
#endif

/// Steps ahead of which the right operand is prefetched into the L1 cache; with AVX-512 alone, as a vector is a cache line.
enum { PREFETCH_STEPS = 12 };

INLINE void init_sums(int rows, int vectors, right_operand b, vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = b.initial_sums ? load((const float *)b.initial_sums + v * GANRM_LANES) : 0;
}

/// `sums[r][v] += Σ a[r][i] · b[v][i]` over the cells `i` from `first` to `end - 1`. An element of `a` is a cell,
/// one of `b` a vector of cells; strides are in cells.
///
/// Each step has 2 loads of `b`, their prefetches and 12 broadcasts of `a` for 24 products. Zen 4 starts one 512-bit product per cycle,
/// so loads are not the bottleneck.
INLINE void add_products(
    cell_type type, int rows, int vectors, const int32_t *a, int64_t a_stride, right_operand b,
    int64_t first, int64_t end, vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
// If unrolled twice, the compiler spills registers and half the speed is lost. Without the alignment to a cache
// line, 1 % is lost.
#pragma clang loop unroll(disable)
    ALIGN_LOOP for (int64_t i = first; i < end; i++) {
        vec_i32 right[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            right[v] = load_cells(b.cells + v * b.vector_stride + i * b.step_stride);
#pragma clang loop unroll(full)
        for (int v = 0; GANRM_LANES == 16 && v < vectors; v++)
            __builtin_prefetch(b.cells + v * b.vector_stride + (i + PREFETCH_STEPS) * b.step_stride);
        const int32_t *row = a + i;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            vec_i32 left = (vec_i32)0 + row[r % 3 * a_stride];
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                sums[r][v] = multiply_add(type, left, right[v], sums[r][v]);
            if (r % 3 < 2) continue;
            row += 3 * a_stride;
            KEEP_ORDER(row, sums[r]);
        }
    }
}

/// Dequantizes INT8X4 sums if there are scales.
INLINE void dequantize(
    int rows, int vectors, right_operand b, vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
    if (!b.scales) return;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = __builtin_convertvector((vec_i32)sums[r][v], vec_f32)
                * load(b.scales + v * GANRM_LANES);
}

/// Stores sums as `[rows, vectors]`, rows `stride` apart.
INLINE void store_tile(
    int rows, int vectors, vec_f32 sums[TILE_ROWS][TILE_VECTORS], float *out, int64_t stride) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) store(out + r * stride + v * GANRM_LANES, sums[r][v]);
}

/// Stores sums as `[rows, vectors]`, rows `stride` apart; INT8X4 sums are dequantized if there are scales.
INLINE void store_sums(
    int rows, int vectors, right_operand b, vec_f32 sums[TILE_ROWS][TILE_VECTORS], float *out,
    int64_t stride) {
    dequantize(rows, vectors, b, sums);
    store_tile(rows, vectors, sums, out, stride);
}

/// `out[r][v] = Σ a[r][i] · b[v][i]` over `steps` cells `i`.
INLINE void multiply(
    cell_type type, int rows, int vectors, const int32_t *a, int64_t a_stride, right_operand b,
    int64_t steps, float *out, int64_t out_stride) {
    vec_f32 sums[TILE_ROWS][TILE_VECTORS];
    init_sums(rows, vectors, b, sums);
    add_products(type, rows, vectors, a, a_stride, b, 0, steps, sums);
    store_sums(rows, vectors, b, sums, out, out_stride);
}

/// `multiply` for a vector count known only at run time: TILE_VECTORS or 1.
INLINE void multiply_up_to(
    int vectors, cell_type type, int rows, const int32_t *a, int64_t a_stride, right_operand b,
    int64_t steps, float *out, int64_t out_stride) {
    if (vectors == TILE_VECTORS)
        multiply(type, rows, TILE_VECTORS, a, a_stride, b, steps, out, out_stride);
    else
        multiply(type, rows, 1, a, a_stride, b, steps, out, out_stride);
}
