// What the kernels need from outside; included before a CPU level is chosen.

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

// Vectors never cross a compiled function boundary here, so their calling convention is irrelevant.
#pragma clang diagnostic ignored "-Wpsabi"
