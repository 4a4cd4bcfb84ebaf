/// Compute kernels that no common library offers in the form needed here.
#pragma once
#include "gram.h"
#include "head.h"
#include "linear.h"
#include "resample.h"
#include "transformer.h"
