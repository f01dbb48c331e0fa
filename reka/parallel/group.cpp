#include "reka/parallel/group.h"

#include <array>
#include <thread>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "reka/base/error.h"
#include "reka/parallel/store.h"

namespace reka {

enum class Group::Operation : int64_t { kSum, kBroadcast, kGather };

namespace {

constexpr std::array<const char*, 3> kOperationNames = {"sum", "broadcast", "gather"};

/// LibTorch's messages carry a stack trace after their first line.
std::string first_line(const std::exception& error) {
  const std::string_view text = error.what();
  return std::string(text.substr(0, text.find('\n')));
}

c10::intrusive_ptr<c10d::Store> meet(const Launch& launch, std::chrono::seconds timeout) {
  try {
    const auto serves = launch.rank == 0 && !launch.store_runs;
    const auto store = serves ? serve_store(launch.port, launch.on_one_machine(), timeout)
                              : reach_store(launch.address, launch.port, timeout);
    return c10::make_intrusive<c10d::PrefixStore>(fmt::format("reka/{}", launch.attempt), store);
  } catch (const std::exception& error) {
    throw Error(fmt::format("rank {}: {}:{}: {}: {} must listen there", launch.rank, launch.address,
                            launch.port, first_line(error),
                            launch.store_runs ? "the launcher" : "rank 0"));
  }
}

c10::intrusive_ptr<c10d::Backend> connect_gloo(const Launch& launch,
                                               const c10::intrusive_ptr<c10d::Store>& store,
                                               std::chrono::seconds timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  const auto interface = process_environment("GLOO_SOCKET_IFNAME");
  if (interface) {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(*interface));
  } else if (launch.on_one_machine()) {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
  } else {
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
  }
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      c10::make_intrusive<c10d::PrefixStore>("host", store), static_cast<int>(launch.rank),
      static_cast<int>(launch.world_size), options);
}

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<c10d::Backend> connect_nccl(const Launch& launch,
                                               const c10::intrusive_ptr<c10d::Store>& store,
                                               std::chrono::seconds timeout) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(
      c10::make_intrusive<c10d::PrefixStore>("device", store), static_cast<int>(launch.rank),
      static_cast<int>(launch.world_size), options);
}
#else
c10::intrusive_ptr<c10d::Backend> connect_nccl(const Launch&,
                                               const c10::intrusive_ptr<c10d::Store>&,
                                               std::chrono::seconds) {
  throw ConfigError("device = cuda: this build has no NCCL: build the cuda preset");
}
#endif

/// Ends when every rank has its connections. A rank that went on before and left again would close
/// them under another's feet: Gloo then fails with "closed by peer" in place of the first error, or
/// crashes. The rank that may be the store's server goes on last, when nobody asks it any more.
void await_all(const Launch& launch, c10d::Store& store, std::chrono::seconds timeout) {
  const auto key = [](int64_t rank) { return fmt::format("has all/{}", rank); };
  if (store.add("connected", 1) == launch.world_size) store.set("all connected", "");
  store.wait({"all connected"}, timeout);
  if (launch.rank > 0) {
    store.set(key(launch.rank), "");  // sent without waiting for an answer
    return;
  }
  std::vector<std::string> others;
  for (int64_t rank = 1; rank < launch.world_size; ++rank) others.push_back(key(rank));
  store.wait(others, timeout);
}

}  // namespace

/// `host` carries CPU tensors and agreement; `device` the tensors of the model.
struct Group::Backends {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> host;
  c10::intrusive_ptr<c10d::Backend> device;

  c10d::Backend& of(const at::Tensor& tensor) { return tensor.is_cpu() ? *host : *device; }
};

namespace {

template <typename Submit>
void complete(int64_t rank, const char* name, const Submit& submit) {
  try {
    submit()->wait();
  } catch (const std::exception& error) {
    throw Error(fmt::format("rank {}: {}: {}: another rank has failed or is late", rank, name,
                            first_line(error)));
  }
}

}  // namespace

Group::Group() = default;
Group::~Group() = default;

std::shared_ptr<Group> Group::alone() {
  return std::shared_ptr<Group>(new Group());
}

std::shared_ptr<Group> Group::connect(const Launch& launch, const at::Device& device,
                                      std::chrono::seconds timeout) {
  auto group = alone();
  if (launch.world_size == 1) return group;
  group->rank_ = launch.rank;
  group->size_ = launch.world_size;
  group->backends_ = std::make_unique<Backends>();
  auto& backends = *group->backends_;
  backends.store = meet(launch, timeout);
  try {
    backends.host = connect_gloo(launch, backends.store, timeout);
    backends.device =
        device.is_cpu() ? backends.host : connect_nccl(launch, backends.store, timeout);
    await_all(launch, *backends.store, timeout);
  } catch (const ConfigError&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(fmt::format("rank {}: connecting {} ranks: {}: all of them must start", launch.rank,
                            launch.world_size, first_line(error)));
  }
  return group;
}

void Group::agree(Operation operation, const at::Tensor& tensor) {
  const auto* name = kOperationNames[static_cast<size_t>(operation)];
  TORCH_CHECK(tensor.is_contiguous(), name, ": tensor ", tensor.sizes(), " is not contiguous");
  auto mine = at::empty({3}, at::kLong);
  auto* values = mine.mutable_data_ptr<int64_t>();
  values[0] = static_cast<int64_t>(operation);
  values[1] = tensor.numel();
  values[2] = static_cast<int64_t>(tensor.scalar_type());
  auto flat = at::empty({size_ * 3}, at::kLong);
  complete(rank_, name, [&] { return backends_->host->_allgather_base(flat, mine); });
  const auto all = flat.view({size_, 3});
  for (int64_t other = 0; other < size_; ++other) {
    TORCH_CHECK(all[other].equal(mine), name, ": rank ", rank_, " has (operation, length, type) ",
                mine, ", rank ", other, " has ", all[other]);
  }
}

void Group::sum(at::Tensor tensor) {
  if (size_ == 1) return;
  agree(Operation::kSum, tensor);
  std::vector<at::Tensor> tensors = {tensor};
  complete(rank_, "sum", [&] { return backends_->of(tensor).allreduce(tensors); });
}

void Group::broadcast(at::Tensor tensor, int64_t root) {
  if (size_ == 1) return;
  agree(Operation::kBroadcast, tensor);
  std::vector<at::Tensor> tensors = {tensor};
  c10d::BroadcastOptions options;
  options.rootRank = root;
  complete(rank_, "broadcast", [&] { return backends_->of(tensor).broadcast(tensors, options); });
}

at::Tensor Group::gather(const at::Tensor& tensor) {
  if (size_ == 1) return tensor.unsqueeze(0).clone();
  agree(Operation::kGather, tensor);
  auto shape = tensor.sizes().vec();
  shape.insert(shape.begin(), size_);
  auto all = at::empty({size_ * tensor.numel()}, tensor.options());
  auto mine = tensor.view(-1);
  complete(rank_, "gather", [&] { return backends_->of(tensor)._allgather_base(all, mine); });
  return all.view(shape);
}

std::vector<std::string> Group::gather_texts(const std::string& text) {
  const auto sizes = gather(at::full({1}, static_cast<int64_t>(text.size()), at::kLong));
  const auto longest = sizes.max().item<int64_t>();
  auto bytes = at::zeros({std::max<int64_t>(longest, 1)}, at::kByte);
  std::copy(text.begin(), text.end(), bytes.mutable_data_ptr<uint8_t>());
  const auto all = gather(bytes);
  std::vector<std::string> texts;
  for (int64_t rank = 0; rank < size_; ++rank) {
    const auto* begin = all.const_data_ptr<uint8_t>() + rank * all.size(1);
    texts.emplace_back(begin, begin + sizes[rank].item<int64_t>());
  }
  return texts;
}

std::string Group::share(const std::string& text) {
  if (size_ == 1) return text;
  auto length = at::full({1}, static_cast<int64_t>(text.size()), at::kLong);
  broadcast(length);
  auto bytes = at::empty({length.item<int64_t>()}, at::kByte);
  if (bytes.numel() == 0) return {};
  if (first()) std::copy(text.begin(), text.end(), bytes.mutable_data_ptr<uint8_t>());
  broadcast(bytes);
  const auto* data = bytes.const_data_ptr<uint8_t>();
  return std::string(data, data + bytes.numel());
}

bool Group::any(bool mine) {
  auto count = at::full({1}, static_cast<int64_t>(mine), at::kLong);
  sum(count);
  return count.item<int64_t>() > 0;
}

}  // namespace reka
