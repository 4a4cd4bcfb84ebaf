/// Speed of the kernels of each CPU level on one thread: kernels [ROUNDS]
///
/// Every round measures each kernel of each level for a millisecond of processor time. Prints one JSON object per kernel
/// and level with its speed in each round, in operations per second; a multiply-add counts as two.
#include "CKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 192, INNER = 768, COLUMNS = 768, TOKENS = 1569, HEAD_WIDTH = 64, MAX_ROUNDS = 1000 };

typedef enum { LINEAR, LINEAR_GELU, ATTENTION, KERNELS } kernel;

static const char *const kernel_names[] = {"linear", "linear with GELU", "attention"};
static const char *const dtype_names[] = {"f32", "bf16", "int8"};

static double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static float uniform(void) { return (float)rand() / (float)RAND_MAX * 2 - 1; }

static void *allocate(size_t size) {
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!memory) abort();
    return memset(memory, 0, (size + 63) / 64 * 64);
}

/// Random rows of `dtype`, `stride` bytes apart, and for int8 their quantization.
static void *random_rows(ganrm_dtype dtype, int64_t rows, int64_t count, int64_t stride, ganrm_quantization *quantization) {
    const ganrm_kernels *kernels = ganrm_kernels_at(GANRM_KERNELS_REFERENCE);
    char *x = allocate((size_t)(rows * stride));
    float *row = allocate(4 * (size_t)count);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t i = 0; i < count; i++) row[i] = uniform();
        void *out = x + r * stride;
        if (dtype == GANRM_F32) memcpy(out, row, 4 * (size_t)count);
        else if (dtype == GANRM_BF16) kernels->f32_to_bf16(row, count, out);
        else kernels->f32_to_int8(row, 1, count, count, out, stride, quantization + r);
    }
    free(row);
    return x;
}

/// A linear layer, packed for a level.
typedef struct {
    ganrm_linear_args args;
    ganrm_linear_weights weights;
} layer;

static layer make_layer(ganrm_dtype dtype, const ganrm_kernels *kernels, ganrm_activation activation) {
    int64_t width = dtype == GANRM_F32 ? 4 : dtype == GANRM_BF16 ? 2 : 1, stride = INNER * width + 64;
    size_t padded = (size_t)ganrm_padded_columns(COLUMNS);
    float *values = allocate(4 * INNER * COLUMNS), *scales = allocate(4 * padded);
    float *sums = allocate(4 * padded);
    void *panels = allocate((size_t)ganrm_panel_bytes(dtype, INNER, COLUMNS));
    ganrm_quantization *quantization = allocate(ROWS * sizeof *quantization);
    // Distributed like those of trained layers.
    for (int i = 0; i < INNER * COLUMNS; i++) values[i] = uniform() + uniform() + uniform() + uniform();
    ganrm_unpacked_weights unpacked = {.rows = COLUMNS, .values = values};
    ganrm_weights_pack(
        &unpacked, dtype, INNER, COLUMNS, 0, 1, kernels->adds_int8_pairs, panels, scales, sums);
    free(values);
    uint16_t *offsets = NULL, *paired = NULL;
    if (dtype == GANRM_INT8 && kernels->adds_int8_pairs) {
        offsets = allocate(padded / GANRM_PANEL_COLUMNS * INNER / 4 * sizeof *offsets);
        paired = allocate(padded / GANRM_PANEL_COLUMNS * sizeof *paired);
        void *scratch = allocate((size_t)ganrm_weights_pair_scratch(INNER, 1));
        ganrm_weights_pair(INNER, COLUMNS, 1, panels, offsets, paired, scratch);
        free(scratch);
    }
    return (layer){
        {ROWS, random_rows(dtype, ROWS, INNER, stride, quantization), stride, quantization, activation,
         dtype == GANRM_F32 ? GANRM_STORE_F32 : GANRM_STORE_BF16, allocate(4 * ROWS * COLUMNS), COLUMNS},
        {dtype, INNER, COLUMNS, 1, panels, allocate(4 * padded), scales, sums, offsets, paired}};
}

/// One kernel of one level with its input.
typedef struct {
    kernel kernel;
    ganrm_dtype dtype;
    ganrm_kernel_level level;
    layer layer;
    ganrm_attention_shape shape;
    void *tokens, *out, *scratch;
    double speeds[MAX_ROUNDS];
} measurement;

static void run(const measurement *m) {
    const ganrm_kernels *kernels = ganrm_kernels_at(m->level);
    if (m->kernel != ATTENTION) {
        kernels->linear(&m->layer.args, &m->layer.weights);
        return;
    }
    ganrm_attention_kernel *attention = m->dtype == GANRM_F32 ? kernels->attention
        : m->dtype == GANRM_BF16 ? kernels->attention_bf16
                                 : kernels->attention_int8;
    const char *x = m->tokens;
    size_t width = HEAD_WIDTH * (m->dtype == GANRM_F32 ? 4 : 2);
    attention(&m->shape, x, ROWS, x + width, x + 2 * width, m->out, m->scratch);
}

static double speed(const measurement *m) {
    double operations = m->kernel == ATTENTION ? 4.0 * ROWS * TOKENS * HEAD_WIDTH : 2.0 * ROWS * INNER * COLUMNS;
    double start = processor_seconds(), seconds;
    int runs = 0;
    do {
        run(m);
        runs++;
        seconds = processor_seconds() - start;
    } while (seconds < 1e-3);
    return operations * runs / seconds;
}

int main(int count, char **arguments) {
    int rounds = count > 1 ? atoi(arguments[1]) : 100, used = 0;
    if (rounds < 1 || rounds > MAX_ROUNDS) return 2;
    measurement *all[KERNELS * 3 * GANRM_KERNEL_LEVELS];
    for (int level = GANRM_KERNELS_PORTABLE; level < GANRM_KERNEL_LEVELS; level++)
        for (int i = 0; i < KERNELS * 3 && ganrm_kernels_at((ganrm_kernel_level)level); i++) {
            measurement *m = allocate(sizeof *m);
            *m = (measurement){(kernel)(i / 3), (ganrm_dtype)(i % 3), (ganrm_kernel_level)level};
            if (m->kernel == ATTENTION) {
                ganrm_dtype memory = m->dtype == GANRM_F32 ? GANRM_F32 : GANRM_BF16;
                int64_t stride = 3 * HEAD_WIDTH + 32;
                m->shape = (ganrm_attention_shape){TOKENS, HEAD_WIDTH, stride, HEAD_WIDTH, 0.125f, true};
                m->tokens = random_rows(
                    memory, TOKENS, 3 * HEAD_WIDTH, stride * (memory == GANRM_F32 ? 4 : 2), NULL);
                m->out = allocate(4 * ROWS * HEAD_WIDTH);
                m->scratch = allocate(ganrm_attention_scratch_bytes(TOKENS, HEAD_WIDTH));
            } else {
                m->layer = make_layer(
                    m->dtype, ganrm_kernels_at(m->level), m->kernel == LINEAR ? GANRM_NO_ACTIVATION : GANRM_GELU);
            }
            all[used++] = m;
        }
    for (int i = 0; i < used; i++) run(all[i]);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < used; i++) all[i]->speeds[round] = speed(all[i]);
    for (int i = 0; i < used; i++) {
        printf(
            "{\"kernel\": \"%s\", \"dtype\": \"%s\", \"level\": \"%s\", \"speeds\": [", kernel_names[all[i]->kernel],
            dtype_names[all[i]->dtype], ganrm_kernel_level_name(all[i]->level));
        for (int round = 0; round < rounds; round++) printf("%s%.4g", round ? ", " : "", all[i]->speeds[round]);
        printf("]}\n");
    }
    return 0;
}
