/// What Swift uses of oneDNN, and the only place that knows its versions apart.
///
/// oneDNN 2 (Debian 12) has memory descriptors as structs and operation descriptors before
/// primitive descriptors; oneDNN 3 has opaque memory descriptors and no operation descriptors.
/// `ganrm_dnnl_desc` is a heap object under both, owned by whoever created or cloned it.
#pragma once

#include <dlfcn.h>
#include <dnnl.h>
#include <stddef.h>
#include <stdlib.h>

#ifndef RTLD_DEFAULT
#define RTLD_DEFAULT ((void *)0)  // glibc hides the name without _GNU_SOURCE
#endif

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t ganrm_dnnl_desc;
typedef const_dnnl_memory_desc_t ganrm_dnnl_const_desc;
#else
typedef dnnl_memory_desc_t *ganrm_dnnl_desc;
typedef const dnnl_memory_desc_t *ganrm_dnnl_const_desc;
#endif

/// Describes a dense matrix; `strides` are in elements, NULL lets the library choose the layout.
static inline dnnl_status_t ganrm_dnnl_desc_create(
    ganrm_dnnl_desc *desc, int64_t rows, int64_t columns, dnnl_data_type_t type,
    const int64_t *strides) {
    dnnl_dims_t dims = {rows, columns};
    dnnl_dims_t steps = {0, 0};
    if (strides) {
        steps[0] = strides[0];
        steps[1] = strides[1];
    }
#if DNNL_VERSION_MAJOR >= 3
    return strides ? dnnl_memory_desc_create_with_strides(desc, 2, dims, type, steps)
                   : dnnl_memory_desc_create_with_tag(desc, 2, dims, type, dnnl_format_tag_any);
#else
    *desc = (dnnl_memory_desc_t *)malloc(sizeof(dnnl_memory_desc_t));
    if (!*desc) return dnnl_out_of_memory;
    dnnl_status_t status =
        strides ? dnnl_memory_desc_init_by_strides(*desc, 2, dims, type, steps)
                : dnnl_memory_desc_init_by_tag(*desc, 2, dims, type, dnnl_format_tag_any);
    if (status != dnnl_success) {
        free(*desc);
        *desc = NULL;
    }
    return status;
#endif
}

/// Copies a descriptor that belongs to something else.
static inline dnnl_status_t ganrm_dnnl_desc_clone(
    ganrm_dnnl_desc *copy, ganrm_dnnl_const_desc original) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_clone(copy, original);
#else
    *copy = (dnnl_memory_desc_t *)malloc(sizeof(dnnl_memory_desc_t));
    if (!*copy) return dnnl_out_of_memory;
    **copy = *original;
    return dnnl_success;
#endif
}

static inline void ganrm_dnnl_desc_destroy(ganrm_dnnl_desc desc) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_destroy(desc);
#else
    free(desc);
#endif
}

/// Bytes that a matrix of this description takes, padding included.
static inline size_t ganrm_dnnl_desc_size(ganrm_dnnl_const_desc desc) {
    return dnnl_memory_desc_get_size(desc);
}

/// The descriptor of a primitive's argument; belongs to `primitive_desc`.
static inline ganrm_dnnl_const_desc ganrm_dnnl_argument_desc(
    const_dnnl_primitive_desc_t primitive_desc, int argument) {
    return dnnl_primitive_desc_query_md(primitive_desc, dnnl_query_exec_arg_md, argument);
}

static inline dnnl_status_t ganrm_dnnl_memory_create(
    dnnl_memory_t *memory, ganrm_dnnl_const_desc desc, dnnl_engine_t engine, void *bytes) {
    return dnnl_memory_create(memory, desc, engine, bytes);
}

/// Describes `destination = source · weights (+ bias)`; `bias` may be NULL.
static inline dnnl_status_t ganrm_dnnl_matmul_desc_create(
    dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, ganrm_dnnl_const_desc source,
    ganrm_dnnl_const_desc weights, ganrm_dnnl_const_desc bias, ganrm_dnnl_const_desc destination,
    const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_matmul_primitive_desc_create(
        primitive_desc, engine, source, weights, bias, destination, attributes);
#else
    dnnl_matmul_desc_t desc;
    dnnl_status_t status = dnnl_matmul_desc_init(&desc, source, weights, bias, destination);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(primitive_desc, &desc, attributes, engine, NULL);
#endif
}

/// Describes the copy of a matrix into another layout or element type.
static inline dnnl_status_t ganrm_dnnl_reorder_desc_create(
    dnnl_primitive_desc_t *primitive_desc, dnnl_engine_t engine, ganrm_dnnl_const_desc source,
    ganrm_dnnl_const_desc destination, const_dnnl_primitive_attr_t attributes) {
    return dnnl_reorder_primitive_desc_create(
        primitive_desc, source, engine, destination, engine, attributes);
}

/// Appends `x → f(x)` to what happens to a product before it is stored.
static inline dnnl_status_t ganrm_dnnl_append_eltwise(
    dnnl_post_ops_t post_ops, dnnl_alg_kind_t algorithm, float alpha) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(post_ops, algorithm, alpha, 0);
#else
    return dnnl_post_ops_append_eltwise(post_ops, 1, algorithm, alpha, 0);
#endif
}

/// Appends `x → x + what the destination held`.
static inline dnnl_status_t ganrm_dnnl_append_sum(dnnl_post_ops_t post_ops) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_sum(post_ops, 1, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(post_ops, 1);
#endif
}

/// OpenMP's `omp_set_num_threads` and `omp_get_max_threads` if this oneDNN runs on OpenMP, else
/// NULL. The setting belongs to the thread that makes it.
static inline void (*ganrm_omp_setter(void))(int) {
    return (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
}

static inline int (*ganrm_omp_getter(void))(void) {
    return (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_max_threads");
}
