/// Compute kernels that no common library offers in the form needed here.
#pragma once
#include "kernels.h"
