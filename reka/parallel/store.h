#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace reka {

/// The key-value store at which the ranks meet: its server with a client, or a client alone. Port 0
/// takes any that is free. Both throw std::exception when nobody answers within `timeout`.
c10::intrusive_ptr<c10d::TCPStore> serve_store(int64_t port, bool on_one_machine,
                                               std::chrono::milliseconds timeout);
c10::intrusive_ptr<c10d::TCPStore> reach_store(const std::string& address, int64_t port,
                                               std::chrono::milliseconds timeout);

}  // namespace reka
