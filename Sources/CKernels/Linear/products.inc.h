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

#if ADDS_INT8_PAIRS
/// Sums of two products each, saturated.
INLINE vec_i16x2 int8_pairs(vec_i32 a, vec_i32 b) {
#if GANRM_LANES == 16
    return (vec_i16x2)_mm512_maddubs_epi16((__m512i)a, (__m512i)b);
#else
    return (vec_i16x2)_mm256_maddubs_epi16((__m256i)a, (__m256i)b);
#endif
}

_Alignas(64) static const int16_t int16_ones[2 * GANRM_LANES] = {[0 ... 2 * GANRM_LANES - 1] = 1};

/// The sum of the two halves of each lane.
INLINE vec_i32 widened_pairs(vec_i16x2 v) {
    // From memory: no register is left for it.
#if GANRM_LANES == 16
    __asm__("vpmaddwd %1, %0, %0" : "+v"(v) : "m"(int16_ones));
#else
    __asm__("vpmaddwd %1, %0, %0" : "+x"(v) : "m"(int16_ones));
#endif
    return (vec_i32)v;
}
#endif

INLINE vec_i32 dot_int8x4(vec_i32 a, vec_i32 b, vec_i32 sum) {
#if defined(GANRM_HAS_VNNI) && GANRM_LANES == 16
    return (vec_i32)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(GANRM_HAS_VNNI)
    return (vec_i32)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
#elif defined(GANRM_HAS_I8MM)
    return (vec_i32)vusdotq_s32((int32x4_t)sum, (uint8x16_t)a, (int8x16_t)b);
#elif GANRM_LANES == 16
    return sum + (vec_i32)_mm512_madd_epi16((__m512i)int8_pairs(a, b), _mm512_set1_epi16(1));
#elif GANRM_LANES == 8
    return sum + (vec_i32)_mm256_madd_epi16((__m256i)int8_pairs(a, b), _mm256_set1_epi16(1));
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

/// How the cells of a group of a panel are paired, and the strides from one panel to the next.
typedef struct {
    /// Where each cell was, in bytes from the group's first one.
    const uint16_t *offsets;
    int64_t offsets_stride;
    /// How many cells, from the first on, are in pairs.
    const uint16_t *paired;
    int64_t paired_stride;
} panel_pairing;

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
    /// Of weights in the order of `ganrm_weights_pair`.
    panel_pairing pairing;
} right_operand;

/// Makes the next rows' address depend on a row's sums: otherwise the compiler may load all rows first, and then
/// spills registers, depending on the code around the loop. With a single vector, KEEP_ORDER_AFTER.
#if GANRM_LANES == 16
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+v"((sums)[0]), "+v"((sums)[1]))
#define KEEP_ORDER_AFTER(row, v) __asm__("" : "+r"(row), "+v"(v))
#elif GANRM_LANES == 8
#define KEEP_ORDER(row, sums) __asm__("" : "+r"(row), "+x"((sums)[0]), "+x"((sums)[1]))
#define KEEP_ORDER_AFTER(row, v) __asm__("" : "+r"(row), "+x"(v))
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

#if ADDS_INT8_PAIRS
/// Vectors of a panel of weights.
enum { PANEL_VECTORS = GANRM_PANEL_COLUMNS / GANRM_LANES };

/// Four rows of bytes, and how far after them the next four are.
typedef struct {
    const char *rows[4];
    int64_t next;
} four_rows;

/// `sums[r][v] += Σ a[r][offsets[i]] · b[v][i]` for one cell `i`, or two whose products are added in 16 bits.
INLINE void add_cells(
    int cells, int rows, four_rows a, const int32_t *b, const uint16_t *offsets,
    vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
    vec_i32 right[2][PANEL_VECTORS];
    for (int i = 0; i < cells; i++)
        for (int v = 0; v < PANEL_VECTORS; v++)
            right[i][v] = load_cells(b + i * GANRM_PANEL_COLUMNS + v * GANRM_LANES);
    int64_t offset[2] = {offsets[0], offsets[cells - 1]};
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        vec_i16x2 pairs[PANEL_VECTORS] = {0};
#pragma clang loop unroll(full)
        for (int i = 0; i < cells; i++) {
            vec_i32 left = (vec_i32)0 + *(const int32_t *)(a.rows[r % 4] + offset[i]);
            if (r % 4 == 3) offset[i] += a.next;
#pragma clang loop unroll(full)
            for (int v = 0; v < PANEL_VECTORS; v++) {
                pairs[v] += int8_pairs(left, right[i][v]);
                KEEP_ORDER_AFTER(a.rows[r % 4], pairs[v]);
            }
        }
#pragma clang loop unroll(full)
        for (int v = 0; v < PANEL_VECTORS; v++) {
            sums[r][v] = (vec_f32)((vec_i32)sums[r][v] + widened_pairs(pairs[v]));
            KEEP_ORDER_AFTER(a.rows[(r + 1) % 4], sums[r][v]);
        }
    }
}

/// `add_products` of weights in the order of `ganrm_weights_pair`: 3 multiplications for two cells instead of 4. `first` is
/// even, and so is `end`, unless it is the last.
INLINE void add_paired_products(
    int rows, const int32_t *a, int64_t a_stride, right_operand b, int64_t first, int64_t end,
    vec_f32 sums[TILE_ROWS][TILE_VECTORS]) {
    four_rows at = {.next = 4 * a_stride * 4};
    for (int r = 0; r < 4; r++) at.rows[r] = (const char *)(a + r * a_stride);
#pragma clang loop unroll(full)
    for (int panel = 0; panel < TILE_VECTORS / PANEL_VECTORS; panel++) {
        const int32_t *cells = b.cells + panel * b.vector_stride;
        const uint16_t *offsets = b.pairing.offsets + panel * b.pairing.offsets_stride;
        vec_f32 (*panel_sums)[TILE_VECTORS] = (vec_f32 (*)[TILE_VECTORS])(sums[0] + panel * PANEL_VECTORS);
        int64_t i = first, paired = b.pairing.paired[panel * b.pairing.paired_stride];
        if (paired > end) paired = end;
#pragma clang loop unroll(disable)
        ALIGN_LOOP for (; i < paired; i += 2)
            add_cells(2, rows, at, cells + i * GANRM_PANEL_COLUMNS, offsets + i, panel_sums);
#pragma clang loop unroll(disable)
        for (; i < end; i++)
            add_cells(1, rows, at, cells + i * GANRM_PANEL_COLUMNS, offsets + i, panel_sums);
    }
}
#endif

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
