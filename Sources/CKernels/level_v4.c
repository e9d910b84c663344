#include "libraries.h"

#if defined(__x86_64__) && defined(__linux__)
#define KERNEL(name) name##_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#include "level.h"
#pragma clang attribute pop
#pragma clang attribute pop
#endif
