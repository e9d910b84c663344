#ifndef COHORT_CCHECKSUMS_H
#define COHORT_CCHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes at `bytes`, continuing `crc`: the
/// value for the bytes before, or 0 at the start.
///
/// Runs in hardware where the processor has an instruction for it, decided once when the program is
/// loaded. `bytes` may be null where `count` is 0, and needs no alignment.
uint32_t cohort_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same value by tables only, whatever the processor.
uint32_t cohort_crc32c_software(uint32_t crc, const void *bytes, size_t count);

/// Whether `cohort_crc32c` uses the processor's instruction.
bool cohort_crc32c_is_hardware(void);

#endif
