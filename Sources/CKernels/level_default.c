#include "libraries.h"

#if defined(__x86_64__) && defined(__linux__)
#define KERNEL(name) name##_default
#else
#define KERNEL(name) name
#endif
#include "level.h"
