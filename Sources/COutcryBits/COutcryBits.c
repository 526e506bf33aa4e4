#include "COutcryBits.h"
