// One matrix product of oneDNN behind four functions that read the same for oneDNN 2 and 3, whose C
// interfaces differ: descriptors became opaque, and operation descriptors went away.

#ifndef COHORT_ONEDNN_SHIM_H
#define COHORT_ONEDNN_SHIM_H

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// destination[m][n] = source[m][k] · weights[k][n]. The destination is f32, row-major.
typedef struct {
    int64_t m, k, n;
    // Source and weights are bf16 instead of f32; sums are f32 either way.
    int brain;
    // The source is stored as [k][source_stride], its first m columns counting; else as [m][k].
    int source_transposed;
    int64_t source_stride;
    // The weights are in the order that the library likes best, which `cohort_pack_weights` makes;
    // otherwise they are stored as [k][n].
    int weights_packed;
} cohort_matmul_shape;

static inline dnnl_data_type_t cohort_input_type(cohort_matmul_shape shape) {
    return shape.brain ? dnnl_bf16 : dnnl_f32;
}

typedef struct {
    dnnl_primitive_t primitive;
    dnnl_memory_t source, weights, destination, scratchpad;
    size_t weights_bytes, scratchpad_bytes;
} cohort_matmul;

// Keeps oneDNN on the calling thread. OpenMP's thread count belongs to the calling thread, and a
// second OpenMP thread would spin while it waits, so every thread that creates or runs products
// calls this first. Looked up at run time: other builds of oneDNN come without OpenMP.
static inline void cohort_stay_on_this_thread(void) {
    void *program = dlopen(NULL, RTLD_LAZY);
    if (!program) return;
    void (*set_threads)(int) = (void (*)(int))dlsym(program, "omp_set_num_threads");
    if (set_threads) set_threads(1);
    dlclose(program);
}

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t cohort_desc;
typedef const_dnnl_memory_desc_t cohort_desc_view;
#define COHORT_DESC_REF(d) (d)
static inline void cohort_desc_free(cohort_desc d) { dnnl_memory_desc_destroy(d); }
static inline dnnl_status_t cohort_desc_strided(
    cohort_desc *d, dnnl_data_type_t type, const dnnl_dims_t dims, const dnnl_dims_t strides) {
    return dnnl_memory_desc_create_with_strides(d, 2, dims, type, strides);
}
static inline dnnl_status_t cohort_desc_any(
    cohort_desc *d, dnnl_data_type_t type, const dnnl_dims_t dims) {
    return dnnl_memory_desc_create_with_tag(d, 2, dims, type, dnnl_format_tag_any);
}
static inline dnnl_status_t cohort_primitive_desc(
    dnnl_primitive_desc_t *p, dnnl_engine_t engine, dnnl_primitive_attr_t attributes,
    cohort_desc a, cohort_desc b, cohort_desc c) {
    return dnnl_matmul_primitive_desc_create(p, engine, a, b, NULL, c, attributes);
}
#else
typedef dnnl_memory_desc_t cohort_desc;
typedef const dnnl_memory_desc_t *cohort_desc_view;
#define COHORT_DESC_REF(d) (&(d))
static inline void cohort_desc_free(cohort_desc d) { (void)d; }
static inline dnnl_status_t cohort_desc_strided(
    cohort_desc *d, dnnl_data_type_t type, const dnnl_dims_t dims, const dnnl_dims_t strides) {
    return dnnl_memory_desc_init_by_strides(d, 2, dims, type, strides);
}
static inline dnnl_status_t cohort_desc_any(
    cohort_desc *d, dnnl_data_type_t type, const dnnl_dims_t dims) {
    return dnnl_memory_desc_init_by_tag(d, 2, dims, type, dnnl_format_tag_any);
}
static inline dnnl_status_t cohort_primitive_desc(
    dnnl_primitive_desc_t *p, dnnl_engine_t engine, dnnl_primitive_attr_t attributes,
    cohort_desc a, cohort_desc b, cohort_desc c) {
    dnnl_matmul_desc_t operation;
    dnnl_status_t status = dnnl_matmul_desc_init(&operation, &a, &b, NULL, &c);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(p, &operation, attributes, engine, NULL);
}
#endif

// The primitive's description. The packed order is asked for at 64 rows whatever `m` is, so that
// one packing serves every number of rows.
static inline dnnl_status_t cohort_matmul_describe(
    dnnl_engine_t engine, cohort_matmul_shape shape, int order_is_open, cohort_desc_view packed,
    dnnl_primitive_desc_t *result) {
    const dnnl_dims_t a = {shape.m, shape.k}, b = {shape.k, shape.n}, c = {shape.m, shape.n};
    const dnnl_data_type_t type = cohort_input_type(shape);
    const dnnl_dims_t a_rows = {shape.k, 1}, a_columns = {1, shape.source_stride};
    const dnnl_dims_t b_rows = {shape.n, 1}, c_rows = {shape.n, 1};
    cohort_desc source, weights, destination;
    dnnl_status_t status =
        cohort_desc_strided(&source, type, a, shape.source_transposed ? a_columns : a_rows);
    if (status != dnnl_success) return status;
    if ((status = cohort_desc_strided(&destination, dnnl_f32, c, c_rows)) != dnnl_success) {
        cohort_desc_free(source);
        return status;
    }
    if (!shape.weights_packed) status = cohort_desc_strided(&weights, type, b, b_rows);
    else if (order_is_open) status = cohort_desc_any(&weights, type, b);
#if DNNL_VERSION_MAJOR >= 3
    else status = dnnl_memory_desc_clone(&weights, packed);
#else
    else weights = *packed;
#endif
    if (status == dnnl_success) {
        dnnl_primitive_attr_t attributes;
        if ((status = dnnl_primitive_attr_create(&attributes)) == dnnl_success) {
            // Scratch memory of our own: the library's may not be shared between threads.
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
            status = cohort_primitive_desc(
                result, engine, attributes, source, weights, destination);
            dnnl_primitive_attr_destroy(attributes);
        }
        cohort_desc_free(weights);
    }
    cohort_desc_free(source);
    cohort_desc_free(destination);
    return status;
}

static inline void cohort_matmul_destroy(cohort_matmul *matmul) {
    dnnl_memory_destroy(matmul->source);
    dnnl_memory_destroy(matmul->weights);
    dnnl_memory_destroy(matmul->destination);
    dnnl_memory_destroy(matmul->scratchpad);
    dnnl_primitive_destroy(matmul->primitive);
}

// The description of the packed order; the caller destroys it.
static inline dnnl_status_t cohort_packed_order(
    dnnl_engine_t engine, cohort_matmul_shape shape, dnnl_primitive_desc_t *result) {
    shape.m = 64;
    shape.source_transposed = 0;
    shape.weights_packed = 1;
    return cohort_matmul_describe(engine, shape, 1, NULL, result);
}

static inline dnnl_status_t cohort_matmul_create(
    dnnl_engine_t engine, cohort_matmul_shape shape, cohort_matmul *result) {
    memset(result, 0, sizeof *result);
    dnnl_primitive_desc_t order = NULL, chosen = NULL;
    cohort_desc_view packed = NULL;
    dnnl_status_t status = dnnl_success;
    if (shape.weights_packed) {
        if ((status = cohort_packed_order(engine, shape, &order)) != dnnl_success) return status;
        packed = dnnl_primitive_desc_query_md(order, dnnl_query_weights_md, 0);
    }
    status = cohort_matmul_describe(engine, shape, 0, packed, &chosen);
    if (order) dnnl_primitive_desc_destroy(order);
    if (status != dnnl_success) return status;
    cohort_desc_view a = dnnl_primitive_desc_query_md(chosen, dnnl_query_src_md, 0);
    cohort_desc_view b = dnnl_primitive_desc_query_md(chosen, dnnl_query_weights_md, 0);
    cohort_desc_view c = dnnl_primitive_desc_query_md(chosen, dnnl_query_dst_md, 0);
    cohort_desc_view s = dnnl_primitive_desc_query_md(chosen, dnnl_query_scratchpad_md, 0);
    result->weights_bytes = dnnl_memory_desc_get_size(b);
    result->scratchpad_bytes = dnnl_memory_desc_get_size(s);
    status = dnnl_primitive_create(&result->primitive, chosen);
    if (!status) status = dnnl_memory_create(&result->source, a, engine, DNNL_MEMORY_NONE);
    if (!status) status = dnnl_memory_create(&result->weights, b, engine, DNNL_MEMORY_NONE);
    if (!status) status = dnnl_memory_create(&result->destination, c, engine, DNNL_MEMORY_NONE);
    if (!status) status = dnnl_memory_create(&result->scratchpad, s, engine, DNNL_MEMORY_NONE);
    dnnl_primitive_desc_destroy(chosen);
    if (status != dnnl_success) cohort_matmul_destroy(result);
    return status;
}

// Not for two threads at once on one `matmul`.
static inline dnnl_status_t cohort_matmul_execute(
    const cohort_matmul *matmul, dnnl_stream_t stream, const void *source, const void *weights,
    float *destination, void *scratchpad) {
    dnnl_memory_set_data_handle(matmul->source, (void *)source);
    dnnl_memory_set_data_handle(matmul->weights, (void *)weights);
    dnnl_memory_set_data_handle(matmul->destination, destination);
    dnnl_memory_set_data_handle(matmul->scratchpad, scratchpad);
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, matmul->source},
        {DNNL_ARG_WEIGHTS, matmul->weights},
        {DNNL_ARG_DST, matmul->destination},
        {DNNL_ARG_SCRATCHPAD, matmul->scratchpad},
    };
    dnnl_status_t status = dnnl_primitive_execute(matmul->primitive, stream, 4, arguments);
    return status != dnnl_success ? status : dnnl_stream_wait(stream);
}

// Bytes of a [k][n] weight in packed order; 0 where the library refuses.
static inline size_t cohort_packed_bytes(dnnl_engine_t engine, cohort_matmul_shape shape) {
    dnnl_primitive_desc_t order;
    if (cohort_packed_order(engine, shape, &order) != dnnl_success) return 0;
    size_t bytes = dnnl_memory_desc_get_size(
        dnnl_primitive_desc_query_md(order, dnnl_query_weights_md, 0));
    dnnl_primitive_desc_destroy(order);
    return bytes;
}

// Brings a weight stored as [n][k], or as [k][n] where `by_inputs`, into packed order. It has the
// shape's input type already.
static inline dnnl_status_t cohort_pack_weights(
    dnnl_engine_t engine, dnnl_stream_t stream, cohort_matmul_shape shape, int by_inputs,
    const void *rows, void *packed) {
    const dnnl_dims_t dims = {shape.k, shape.n};
    const dnnl_dims_t strides = {by_inputs ? shape.n : 1, by_inputs ? 1 : shape.k};
    dnnl_primitive_desc_t order = NULL, reorder = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t from = NULL, to = NULL;
    cohort_desc plain;
    dnnl_status_t status = cohort_packed_order(engine, shape, &order);
    if (status != dnnl_success) return status;
    status = cohort_desc_strided(&plain, cohort_input_type(shape), dims, strides);
    if (status != dnnl_success) {
        dnnl_primitive_desc_destroy(order);
        return status;
    }
    cohort_desc_view target = dnnl_primitive_desc_query_md(order, dnnl_query_weights_md, 0);
    status = dnnl_reorder_primitive_desc_create(
        &reorder, COHORT_DESC_REF(plain), engine, target, engine, NULL);
    if (!status) status = dnnl_primitive_create(&primitive, reorder);
    if (!status)
        status = dnnl_memory_create(&from, COHORT_DESC_REF(plain), engine, (void *)rows);
    if (!status) status = dnnl_memory_create(&to, target, engine, packed);
    if (!status) {
        const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
        status = dnnl_primitive_execute(primitive, stream, 2, arguments);
        if (!status) status = dnnl_stream_wait(stream);
    }
    if (from) dnnl_memory_destroy(from);
    if (to) dnnl_memory_destroy(to);
    if (primitive) dnnl_primitive_destroy(primitive);
    if (reorder) dnnl_primitive_desc_destroy(reorder);
    dnnl_primitive_desc_destroy(order);
    cohort_desc_free(plain);
    return status;
}

#endif
