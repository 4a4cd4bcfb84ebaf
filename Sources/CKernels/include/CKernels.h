/// Kernels that no library has in the form the rooms want them.
#pragma once
#include "head.h"
#include "motion.h"
#include "resample.h"
#include "transformer.h"
