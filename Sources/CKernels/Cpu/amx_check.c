#include "Cpu/levels.h"

#include <math.h>
#include <stdlib.h>

/// Small pseudo-random integers, −8…7.
static int next_integer(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return (int)(*state >> 28) - 8;
}

enum { MAX_ROWS = 37, MAX_INNER = 256, MAX_COLUMNS = 64, MAX_GROUPS = 4 };

/// Shape of a linear layer.
typedef struct {
    int rows, inner, columns, groups;
} layer_shape;

/// Whether a linear layer of small integers, whose sums are exact in every order, has the reference's bits.
static bool linear_is_right(const ganrm_kernels *kernels, ganrm_dtype dtype, layer_shape shape) {
    uint32_t state = 1;
    _Alignas(64) char x[MAX_ROWS * MAX_INNER * 2] = {0}, panels[MAX_COLUMNS * MAX_INNER * 2] = {0};
    float bias[MAX_COLUMNS], scales[MAX_GROUPS * MAX_COLUMNS];
    float weight_sums[MAX_GROUPS * MAX_COLUMNS] = {0};
    ganrm_quantization quantization[MAX_GROUPS * MAX_ROWS];
    float found[MAX_ROWS * MAX_COLUMNS] = {0}, expected[MAX_ROWS * MAX_COLUMNS] = {0};
    bool is_int8 = dtype == GANRM_INT8;
    int64_t size = is_int8 ? 1 : 2, length = 4 / size, cells = ganrm_cell_count(dtype, shape.inner);
    int64_t stride = 4 * cells, padded = ganrm_padded_columns(shape.columns);
    for (int row = 0; row < shape.rows; row++)
        for (int k = 0; k < shape.inner; k++) {
            int value = next_integer(&state);
            uint16_t bf16 = ganrm_bf16_from_f32((float)value);
            char *element = x + row * stride + k * size;
            if (is_int8) *element = (char)(value + 128);
            else memcpy(element, &bf16, sizeof bf16);
        }
    for (int column = 0; column < shape.columns; column++)
        for (int k = 0; k < shape.inner; k++) {
            int value = next_integer(&state);
            uint16_t bf16 = ganrm_bf16_from_f32((float)value);
            int64_t cell = (column / GANRM_PANEL_COLUMNS * cells + k / length) * GANRM_PANEL_COLUMNS
                + column % GANRM_PANEL_COLUMNS;
            char *element = panels + 4 * cell + k % length * size;
            if (is_int8) *element = (char)value;
            else memcpy(element, &bf16, sizeof bf16);
            weight_sums[k / (shape.inner / shape.groups) * padded + column] += (float)value;
        }
    for (int i = 0; i < MAX_COLUMNS; i++) bias[i] = (float)next_integer(&state);
    for (int i = 0; i < MAX_GROUPS * MAX_COLUMNS; i++) scales[i] = 0.25f;
    for (int i = 0; i < MAX_GROUPS * MAX_ROWS; i++)
        quantization[i] = (ganrm_quantization){0.5f, 128 + next_integer(&state)};
    ganrm_linear_weights weights = {
        dtype, shape.inner, shape.columns, shape.groups, panels, bias, scales, weight_sums};
    uint16_t offsets[MAX_COLUMNS / GANRM_PANEL_COLUMNS * MAX_INNER / 4];
    uint16_t paired[MAX_COLUMNS / GANRM_PANEL_COLUMNS * MAX_GROUPS];
    if (is_int8 && kernels->adds_int8_pairs) {
        void *scratch = malloc((size_t)ganrm_weights_pair_scratch(shape.inner, shape.groups));
        if (!scratch) return false;
        ganrm_weights_pair(shape.inner, shape.columns, shape.groups, panels, offsets, paired, scratch);
        free(scratch);
        weights.offsets = offsets;
        weights.paired = paired;
    }
    ganrm_linear_args args = {
        .rows = shape.rows, .x = x, .stride = stride, .quantization = quantization,
        .activation = GANRM_NO_ACTIVATION, .destination = GANRM_ADD_F32, .out = found,
        .out_stride = shape.columns};
    kernels->linear(&args, &weights);
    args.out = expected;
    ganrm_kernels_reference.linear(&args, &weights);
    for (int i = 0; i < shape.rows * shape.columns; i++)
        if (found[i] != expected[i]) return false;
    return true;
}

enum { MAX_TOKENS = 35, MAX_WIDTH = 64, TOKEN_STRIDE = 3 * MAX_WIDTH };

/// Inputs of attention, values in −1…1, and the reference's result.
typedef struct {
    uint16_t x[MAX_TOKENS * TOKEN_STRIDE], expected[MAX_TOKENS * MAX_WIDTH];
    ganrm_attention_shape shape;
    void *scratch;
} attention_problem;

static void attend(
    const attention_problem *problem, ganrm_attention_kernel *kernel, uint16_t *out) {
    const uint16_t *queries = problem->x;
    kernel(
        &problem->shape, queries, problem->shape.tokens, queries + MAX_WIDTH,
        queries + 2 * MAX_WIDTH, out, problem->scratch);
}

static bool attention_is_right(
    const attention_problem *problem, ganrm_attention_kernel *kernel, float tolerance) {
    uint16_t found[MAX_TOKENS * MAX_WIDTH];
    attend(problem, kernel, found);
    for (int64_t i = 0; i < problem->shape.tokens * problem->shape.head_width; i++) {
        float difference =
            ganrm_f32_from_bf16(found[i]) - ganrm_f32_from_bf16(problem->expected[i]);
        if (!(fabsf(difference) <= tolerance)) return false;
    }
    return true;
}

/// A wrong kernel of attention, or NULL.
static const char *wrong_attention(
    const ganrm_kernels *kernels, int64_t tokens, int64_t head_width) {
    attention_problem problem = {
        .shape = {
            .tokens = tokens, .head_width = head_width, .stride = TOKEN_STRIDE,
            .out_stride = head_width, .scale = 0.5f, .cls_softmax_16bit = true},
        .scratch = aligned_alloc(64, ganrm_attention_scratch_bytes(tokens, head_width))};
    if (!problem.scratch) return "attention, without memory";
    uint32_t state = 2;
    for (int i = 0; i < MAX_TOKENS * TOKEN_STRIDE; i++)
        problem.x[i] = ganrm_bf16_from_f32((float)next_integer(&state) / 8);
    attend(&problem, ganrm_kernels_reference.attention_bf16, problem.expected);
    const char *wrong = NULL;
    if (!attention_is_right(&problem, kernels->attention_bf16, 0.006f))
        wrong = "attention in bf16";
    else if (!attention_is_right(&problem, kernels->attention_int8, 0.02f))
        wrong = "attention in int8";
    free(problem.scratch);
    return wrong;
}

const char *ganrm_wrong_kernel(const ganrm_kernels *kernels) {
    // In cells: less than a tile, one, and several with a rest; more rows and more columns than a block has.
    static const layer_shape layers[] = {
        {1, 4, 7, 1}, {5, 64, 16, 1}, {MAX_ROWS, 100, 4, 1}, {3, 147, 40, 1},
        {20, MAX_INNER, 6, MAX_GROUPS}};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        layer_shape shape = layers[i];
        if (!linear_is_right(kernels, GANRM_INT8, shape)) return "a linear layer in int8";
        shape.groups = 1;
        if (!linear_is_right(kernels, GANRM_BF16, shape)) return "a linear layer in bf16";
    }
    static const int64_t attentions[][2] = {{1, 64}, {19, 32}, {19, 64}, {MAX_TOKENS, 64}};
    for (size_t i = 0; i < sizeof attentions / sizeof *attentions; i++) {
        const char *wrong = wrong_attention(kernels, attentions[i][0], attentions[i][1]);
        if (wrong) return wrong;
    }
    return NULL;
}

#if !defined(__x86_64__)
void ganrm_amx_emulation_fail(int bit) { (void)bit; }
#endif

#if defined(__x86_64__) && defined(__linux__)
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Asks the kernel to let this process use AMX tiles.
///
/// Source: Linux, Documentation/arch/x86/xstate.rst.
static bool request_permission(void) {
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static _Atomic(const char *) wrong_kernel;

bool ganrm_amx_is_usable(void) {
    enum { UNKNOWN, USABLE, UNUSABLE };
    // Threads that ask at the same time find the same answer.
    static _Atomic(int) state;
    if (state == UNKNOWN) {
        bool is_permitted = request_permission();
        if (is_permitted) wrong_kernel = ganrm_wrong_kernel(&ganrm_kernels_amx);
        state = is_permitted && !wrong_kernel ? USABLE : UNUSABLE;
    }
    return state == USABLE;
}

const char *ganrm_amx_wrong_kernel(void) {
    (void)ganrm_kernels_at(GANRM_KERNELS_AMX);  // The check is part of asking for them.
    return wrong_kernel;
}

#else

bool ganrm_amx_is_usable(void) { return false; }

const char *ganrm_amx_wrong_kernel(void) { return NULL; }

#endif
