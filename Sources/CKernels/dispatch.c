// On Linux/x86-64 the loader picks, once, each kernel's copy for the best level of this CPU.

#include "CKernels.h"

#include <time.h>

uint64_t ck_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

const char *ck_cpu_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
    return "x86-64";
#else
    return "generic";
#endif
}

#if defined(__x86_64__) && defined(__linux__)
#define DISPATCH(name)                                                                  \
    extern __typeof__(name) name##_v4, name##_v3, name##_default;                       \
    static __typeof__(name) *resolve_##name(void) {                                     \
        __builtin_cpu_init();                                                           \
        if (__builtin_cpu_supports("x86-64-v4")) return name##_v4;                      \
        return __builtin_cpu_supports("x86-64-v3") ? name##_v3 : name##_default;        \
    }                                                                                   \
    __typeof__(name) name __attribute__((ifunc("resolve_" #name)));

DISPATCH(ck_add)
DISPATCH(ck_rms_norm)
DISPATCH(ck_rms_norm_again)
DISPATCH(ck_rms_norm_backward)
DISPATCH(ck_bias_and_rotate)
DISPATCH(ck_rotate_back)
DISPATCH(ck_norm_heads)
DISPATCH(ck_norm_heads_backward)
DISPATCH(ck_add_column_sums)
DISPATCH(ck_values)
DISPATCH(ck_values_backward)
DISPATCH(ck_round_to_bf16)
DISPATCH(ck_keep_bf16)
DISPATCH(ck_widen_bf16)
DISPATCH(ck_swiglu)
DISPATCH(ck_swiglu_backward)
DISPATCH(ck_describe)
DISPATCH(ck_logprob)
DISPATCH(ck_softmax_gradient)
DISPATCH(ck_diverge)
DISPATCH(ck_distribution_gradient)
DISPATCH(ck_weigh)
DISPATCH(ck_total)
DISPATCH(ck_draw)
DISPATCH(ck_log)
DISPATCH(ck_argmax)
DISPATCH(ck_pack_keys)
DISPATCH(ck_pack_keys_bf16)
DISPATCH(ck_attention_scratch)
DISPATCH(ck_attention)
DISPATCH(ck_attention_bf16)
DISPATCH(ck_attention_backward_scratch)
DISPATCH(ck_attention_backward)
DISPATCH(ck_sum_of_squares)
DISPATCH(ck_adamw_step)
DISPATCH(ck_mix)
#endif
