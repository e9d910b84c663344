// All kernels, compiled for one CPU level. The including file defines KERNEL(name), the name of
// this level's copy, and chooses the level. One source and several levels, because helpers that
// pass vectors by value must be compiled for the level of their caller (which `target_clones` does
// not do).

#pragma clang fp contract(off)

#include "lanes.h"

#include "rows.h"
#include "brain.h"
#include "heads.h"
#include "softmax.h"
#include "optimizer.h"
#include "attention_products.h"
#include "attention.h"
#include "attention_backward.h"
