#include "data/corpus/document.h"
