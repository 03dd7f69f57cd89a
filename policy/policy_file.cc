#include "policy/policy_file.h"
