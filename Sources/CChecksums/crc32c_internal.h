#ifndef COHORT_CRC32C_INTERNAL_H
#define COHORT_CRC32C_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Each function below works on the register itself, without the inversions before and after.

/// The reversed Castagnoli polynomial.
#define COHORT_CRC32C_POLYNOMIAL 0x82F63B78u

/// Bytes that each of the three streams of the hardware path takes at a time. The longer block
/// spends less on joining streams, the shorter one serves what the longer leaves.
#define COHORT_CRC32C_LONG 8192u
#define COHORT_CRC32C_SHORT 256u

uint32_t cohort_crc32c_tables(uint32_t state, const uint8_t *bytes, size_t count);

/// The register after `COHORT_CRC32C_LONG` and `COHORT_CRC32C_SHORT` zero bytes.
uint32_t cohort_crc32c_skip_long(uint32_t state);
uint32_t cohort_crc32c_skip_short(uint32_t state);

/// Only to be called where `cohort_crc32c_instruction_exists()`.
uint32_t cohort_crc32c_instruction(uint32_t state, const uint8_t *bytes, size_t count);
bool cohort_crc32c_instruction_exists(void);

#endif
