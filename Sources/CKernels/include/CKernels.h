#pragma once

#include "head.h"
