#pragma once

// Catch2 for tests that need no LibTorch; the others include testing.h. LibTorch defines a CHECK of
// its own, and the last definition would win silently, so Catch2 always comes last.
#undef CHECK
#include <catch2/catch.hpp>
