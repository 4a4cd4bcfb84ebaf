/// Matrix products in terms of vectors: what linear layers and attention have in common.
///
/// What is multiplied are *cells* of 32 bits, each a step along the inner dimension: a float, two bfloat16 or
/// four bytes, for which one instruction makes a lane's products and adds them up.

/// Rows and vectors per row that `multiply` sums up in registers: 24 of 32 vectors with AVX-512, 12
/// of 16 else; the rest hold what is multiplied.
#if GANRM_LANES == 16
enum { ROWS = GANRM_ATTENTION_BLOCK };
#else
enum { ROWS = 6 };
#endif
enum { VECTORS = 2 };

/// What a cell holds.
typedef enum {
    FLOATS,   ///< A float that was one.
    WIDENED,  ///< A float that was a bfloat16.
    PAIRS,    ///< Two bfloat16, the first in the lower half.
    QUADS,    ///< Four bytes, unsigned on the left and signed on the right; sums are 32-bit integers.
} cell_kind;

typedef int32_t quad __attribute__((ext_vector_type(4)));

INLINE ints load_cells(const int32_t *x) {
    ints v;
    memcpy(&v, x, sizeof v);
    return v;
}

#ifdef GANRM_HAS_DOT_PRODUCTS
INLINE floats multiply_pairs(ints a, ints b, floats sum) {
    return (floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

INLINE ints multiply_quads(ints a, ints b, ints sum) {
    return (ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}
#else
INLINE floats multiply_pairs(ints a, ints b, floats sum) {
    sum = first_of_pairs(a) * first_of_pairs(b) + sum;
    return second_of_pairs(a) * second_of_pairs(b) + sum;
}

/// The sums of products of neighbours.
INLINE ints multiply_shorts(shorts a, shorts b) {
#if GANRM_LANES == 16
    return (ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif GANRM_LANES == 8
    return (ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
    return ((ints)a << 16 >> 16) * ((ints)b << 16 >> 16) + ((ints)a >> 16) * ((ints)b >> 16);
#endif
}

/// In 16 bits, since the 8-bit instruction of AVX2 saturates.
INLINE ints multiply_quads(ints a, ints b, ints sum) {
    shorts even = (shorts)b << 8 >> 8, odd = (shorts)b >> 8;
    sum += multiply_shorts((shorts)(a & 0x00ff00ff), even);
    return sum + multiply_shorts((shorts)(a >> 8 & 0x00ff00ff), odd);
}
#endif

/// `sum + a · b`, lane by lane.
INLINE floats multiply_add(cell_kind kind, ints a, ints b, floats sum) {
    switch (kind) {
    case PAIRS: return multiply_pairs(a, b, sum);
    case QUADS: return (floats)multiply_quads(a, b, (ints)sum);
    default: return (floats)a * (floats)b + sum;
    }
}

/// The right side of a product: a vector of cells for each step.
typedef struct {
    const int32_t *cells;
    /// From a vector's first step to the next vector's, in cells.
    int64_t vector;
    /// From one step to the next, in cells.
    int64_t step;
    /// Of quads, for each lane: what sums begin with, and what one is worth. Then they become floats.
    const int32_t *begin;
    const float *scales;
} right_side;

/// Makes the next rows' address depend on a row's sums: else the compiler may load all rows first, and then runs out
/// of registers, according to what surrounds the loop.
#if GANRM_LANES == 16
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+v"((sums)[0]), "+v"((sums)[1]))
#elif GANRM_LANES == 8
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+x"((sums)[0]), "+x"((sums)[1]))
#else
#define KEEP_ORDER(row, sums) (void)0
#endif

/// Makes a loop begin a cache line.
#if __has_c_attribute(clang::code_align)
#define BEGIN_LINE [[clang::code_align(64)]]
#else
#define BEGIN_LINE
#endif

/// What sums begin with.
INLINE void begin_sums(int rows, int vectors, right_side b, floats sums[ROWS][VECTORS]) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sums[r][v] = b.begin ? load((const float *)b.begin + v * GANRM_LANES) : 0;
}

/// `sums[r][v] += Σ a[r][i] · b[v][i]` over the cells `i` from `first` to `end`: rows of `a` are cells, those of
/// `b` vectors; strides are in cells.
///
/// Per step 2 loads of `b` and 12 broadcasts of `a` feed 24 products, one of which the multiplier starts
/// each cycle (Zen 4): loads are not the limit.
INLINE void add_products(
    cell_kind kind, int rows, int vectors, const int32_t *a, int64_t a_stride, right_side b,
    int64_t first, int64_t end, floats sums[ROWS][VECTORS]) {
// Unrolled twice, the compiler runs out of registers, and half the speed is lost; not at the beginning of a cache
// line, 1 %.
#pragma clang loop unroll(disable)
    BEGIN_LINE for (int64_t i = first; i < end; i++) {
        ints right[VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            right[v] = load_cells(b.cells + v * b.vector + i * b.step);
        const int32_t *row = a + i;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            ints left = (ints)0 + row[r % 3 * a_stride];
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                sums[r][v] = multiply_add(kind, left, right[v], sums[r][v]);
            if (r % 3 < 2) continue;
            row += 3 * a_stride;
            KEEP_ORDER(row, sums[r]);
        }
    }
}

/// Writes sums, those of quads as floats if they have scales: `[rows, vectors]`, rows `stride` apart.
INLINE void end_sums(
    int rows, int vectors, right_side b, floats sums[ROWS][VECTORS], float *out, int64_t stride) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            floats sum = sums[r][v];
            if (b.scales)
                sum = __builtin_convertvector((ints)sum, floats) * load(b.scales + v * GANRM_LANES);
            store(out + r * stride + v * GANRM_LANES, sum);
        }
}

/// `out[r][v] = Σ a[r][i] · b[v][i]` over `steps` cells `i`.
INLINE void multiply(
    cell_kind kind, int rows, int vectors, const int32_t *a, int64_t a_stride, right_side b,
    int64_t steps, float *out, int64_t out_stride) {
    floats sums[ROWS][VECTORS];
    begin_sums(rows, vectors, b, sums);
    add_products(kind, rows, vectors, a, a_stride, b, 0, steps, sums);
    end_sums(rows, vectors, b, sums, out, out_stride);
}

/// The same with as many vectors as there are: VECTORS or 1.
INLINE void multiply_up_to(
    int vectors, cell_kind kind, int rows, const int32_t *a, int64_t a_stride, right_side b,
    int64_t steps, float *out, int64_t out_stride) {
    if (vectors == VECTORS) multiply(kind, rows, VECTORS, a, a_stride, b, steps, out, out_stride);
    else multiply(kind, rows, 1, a, a_stride, b, steps, out, out_stride);
}
