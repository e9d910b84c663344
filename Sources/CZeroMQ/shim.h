#ifndef COHORT_CZEROMQ_SHIM_H
#define COHORT_CZEROMQ_SHIM_H

#include <pthread.h>
#include <stdint.h>
#include <zmq.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

// Swift's importer sees numeric constants but not these macros, which are sums.
static inline int czmq_eterm(void) { return ETERM; }
static inline int czmq_efsm(void) { return EFSM; }
static inline int czmq_emthread(void) { return EMTHREAD; }

// The calling thread. Glibc declares pthread_self as a constant function, so the optimiser may read
// it once and keep the answer across an `await`, after which the code runs on another thread. The
// barrier keeps the compiler from seeing that this function is constant too; inlined, it would
// protect nothing.
static __attribute__((noinline, unused)) uintptr_t czmq_current_thread(void) {
    uintptr_t self = (uintptr_t)pthread_self();
    __asm__ volatile("" : "+r"(self) : : "memory");
    return self;
}

// Names the calling thread for debuggers and `ps -L`. Glibc declares pthread_setname_np only for
// GNU sources, and prctl is variadic: Swift sees neither.
static inline void czmq_name_thread(const char *name) {
#if defined(__linux__)
    prctl(PR_SET_NAME, name, 0, 0, 0);
#else
    pthread_setname_np(name);
#endif
}

// Overwrites a secret. Through a volatile pointer, for a compiler may leave out a plain write to
// memory that nobody reads any more.
static inline void czmq_erase(void *memory, size_t count) {
    volatile unsigned char *byte = (volatile unsigned char *)memory;
    while (count-- > 0) *byte++ = 0;
}

// Stable in every release since 4.3.0, yet declared only under ZMQ_BUILD_DRAFT_API. Without it an
// encrypted socket that has no ZAP handler accepts unknown keys.
#ifdef ZMQ_ZAP_ENFORCE_DOMAIN
#undef ZMQ_ZAP_ENFORCE_DOMAIN
#endif
#define ZMQ_ZAP_ENFORCE_DOMAIN 93

#endif
