# reka::torch: LibTorch, from Torch_DIR or CMAKE_PREFIX_PATH when given, else from .venv.
# The CPU build links the two CPU libraries directly, so that it needs neither nvcc nor the CUDA
# libraries; what find_package(Torch) would have defined is defined here.
file(GLOB REKA_VENV_TORCH ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
find_path(REKA_TORCH_ROOT include/ATen/core/Tensor.h
  HINTS ${Torch_DIR}/../../.. ${Torch_ROOT} $ENV{Torch_DIR}/../../..
  PATHS ${CMAKE_PREFIX_PATH} ${REKA_VENV_TORCH}
  NO_DEFAULT_PATH)
if(NOT REKA_TORCH_ROOT)
  message(FATAL_ERROR "LibTorch: not found: run scripts/setup, or give -DTorch_DIR=...")
endif()

find_package(OpenMP REQUIRED COMPONENTS CXX)
add_library(reka_torch INTERFACE)
add_library(reka::torch ALIAS reka_torch)
target_link_libraries(reka_torch INTERFACE OpenMP::OpenMP_CXX)

if(REKA_CUDA)
  if(NOT DEFINED ENV{TORCH_CUDA_ARCH_LIST})
    set(ENV{TORCH_CUDA_ARCH_LIST} "8.0;9.0")
    set(TORCH_CUDA_ARCH_LIST "8.0;9.0")
  endif()
  enable_language(CUDA)
  find_package(Torch REQUIRED PATHS ${REKA_TORCH_ROOT}/share/cmake/Torch)
  target_link_libraries(reka_torch INTERFACE ${TORCH_LIBRARIES})
  target_include_directories(reka_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_compile_definitions(reka_torch INTERFACE USE_C10D_NCCL)
  # libtorch_cuda wants cuSPARSELt and NVSHMEM at run time; a machine that only compiles lacks them.
  target_link_options(reka_torch INTERFACE -Wl,--unresolved-symbols=ignore-in-shared-libs)
else()
  foreach(name torch_cpu c10)
    find_library(REKA_LIB_${name} ${name} PATHS ${REKA_TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
    target_link_libraries(reka_torch INTERFACE ${REKA_LIB_${name}})
  endforeach()
  target_include_directories(reka_torch SYSTEM INTERFACE
    ${REKA_TORCH_ROOT}/include ${REKA_TORCH_ROOT}/include/torch/csrc/api/include)
endif()
target_compile_definitions(reka_torch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)
