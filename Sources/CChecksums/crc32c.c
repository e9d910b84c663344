#include "CChecksums.h"
#include "crc32c_internal.h"

static bool hardware = false;

// Runs when the program is loaded, before any thread of ours exists.
__attribute__((constructor)) static void choose(void) {
    hardware = cohort_crc32c_instruction_exists();
}

bool cohort_crc32c_is_hardware(void) { return hardware; }

uint32_t cohort_crc32c(uint32_t crc, const void *bytes, size_t count) {
    if (hardware) return ~cohort_crc32c_instruction(~crc, bytes, count);
    return ~cohort_crc32c_tables(~crc, bytes, count);
}

uint32_t cohort_crc32c_software(uint32_t crc, const void *bytes, size_t count) {
    return ~cohort_crc32c_tables(~crc, bytes, count);
}
