#include "libraries.h"

#if defined(__x86_64__) && defined(__linux__)
#define KERNEL(name) name##_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "level.h"
#pragma clang attribute pop
#endif
