#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace reka::train {

/// A leaf of autograd under its canonical name.
struct NamedParameter {
  std::string name;
  at::Tensor leaf;
};

/// A leaf that is not trained, and its values in fp32 on the host before they were rounded to the
/// precision of the leaf: what checkpoints hold.
struct FrozenParameter {
  std::string name;
  at::Tensor leaf;
  at::Tensor master;
};

/// Where one parameter stands in the buffers of its group.
struct ParameterSlice {
  std::string name;
  at::Tensor leaf;
  int64_t offset = 0;  // in elements, a multiple of 16 (64 bytes)
};

/// Parameters that are updated alike, laid end to end in flat buffers [elements] fp32. Leaves in
/// fp32 are views of `weight`; leaves in bfloat16 are views of `copy`, which follows `weight`.
struct ParameterGroup {
  bool decay = false;
  std::vector<ParameterSlice> slices;
  at::Tensor weight;
  at::Tensor gradient;
  at::Tensor first_moment;
  at::Tensor second_moment;
  at::Tensor copy;  // bfloat16, or undefined

  int64_t elements() const { return weight.numel(); }
  /// The part of `buffer` that belongs to `slice`, in the parameter's shape.
  at::Tensor view(const at::Tensor& buffer, const ParameterSlice& slice) const;
};

/// All trainable parameters, grouped by dtype and by whether weight decay applies (matrices only).
/// The gradients of a backward pass add up in `gradient`: directly where the leaf is fp32, through
/// a hook that adds and frees each gradient where it is bfloat16. A parameter that a step does not
/// use has gradient zero.
class FlatParameters {
 public:
  /// Moves the leaves into the buffers; parameters without requires_grad are left alone. A leaf
  /// that appears under two names (a tied head) counts once, under the first.
  explicit FlatParameters(const std::vector<NamedParameter>& parameters);

  std::vector<ParameterGroup>& groups() { return groups_; }
  const std::vector<ParameterGroup>& groups() const { return groups_; }

  /// Overwrites the weights by name; values that have no place here are passed over.
  void assign(const std::vector<NamedParameter>& values);

  /// Weights were written: the bfloat16 copies follow.
  void refresh_copies();

  /// The root of the sum of squares of all gradients; the same for any number of threads.
  double gradient_norm() const;

  void zero_gradients();

  int64_t elements() const;  // without the gaps between parameters

 private:
  std::vector<ParameterGroup> groups_;
};

}  // namespace reka::train
