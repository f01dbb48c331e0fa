#include "reka/base/error.h"
