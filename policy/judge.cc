#include "policy/judge.h"
