# reka::torch: LibTorch, from Torch_DIR or CMAKE_PREFIX_PATH when given, else from .venv.
# Its libraries are linked by path, and what find_package(Torch) would have defined is defined here:
# the CPU build then needs neither nvcc nor the CUDA libraries, and the CUDA build needs no GPU and
# of the CUDA toolkit only nvcc, the runtime and the headers.
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

target_include_directories(reka_torch SYSTEM INTERFACE
  ${REKA_TORCH_ROOT}/include ${REKA_TORCH_ROOT}/include/torch/csrc/api/include)
target_compile_definitions(reka_torch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)

set(torch_libraries torch_cpu c10)
if(REKA_CUDA)
  list(APPEND torch_libraries torch_cuda c10_cuda)
endif()
foreach(name ${torch_libraries})
  find_library(REKA_LIB_${name} ${name} PATHS ${REKA_TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
  target_link_libraries(reka_torch INTERFACE ${REKA_LIB_${name}})
endforeach()

if(REKA_CUDA)
  enable_language(CUDA)
  # CMake 3.25 does not know how a later nvcc is told its language.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  find_package(CUDAToolkit REQUIRED)
  target_link_libraries(reka_torch INTERFACE CUDA::cudart)
  target_compile_definitions(reka_torch INTERFACE USE_C10D_NCCL)
  target_compile_options(reka_torch INTERFACE
    $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr --expt-extended-lambda>)
  target_link_options(reka_torch INTERFACE
    # Kernels register themselves when libtorch_cuda is loaded; nothing refers to it by name.
    LINKER:--no-as-needed
    # libtorch_cuda wants cuDNN, cuSPARSELt, NCCL and NVSHMEM when it is loaded: PyPI's nvidia
    # packages beside it have them. A machine that only compiles need not.
    LINKER:--unresolved-symbols=ignore-in-shared-libs)
endif()
