#include "policy/world.h"
