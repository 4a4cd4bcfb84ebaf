// The fuzz targets: those in Swift are in Fuzz/Targets.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Prepares a target; false if there is none of this name.
bool fuzz_open(const char *name);

// The names of all targets, separated by spaces. The string is static.
const char *fuzz_names(void);

// Writes the seeds of the open target into a folder; false if that fails.
bool fuzz_write_seeds(const char *folder);

// Reads an input with the open target.
void fuzz_read(const uint8_t *bytes, size_t count);

// The files of a small model for the target `interface`: head, encoder, weights. Strings are static.
const char *fuzz_model_file(int index);

// Calls functions of ganrm.h as the input says.
void fuzz_interface(const uint8_t *bytes, size_t count);

// The number of functions that were called so.
size_t fuzz_interface_calls(void);
