#include "reka/ops/attention.h"

#include <algorithm>
#include <utility>

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>

#include "reka/ops/dispatch.h"
#include "reka/ops/kernels.h"

namespace reka::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor empty_like_heads(const at::Tensor& x) {
  return at::empty(x.sizes(), x.options());
}

void differentiate(const AttentionGrad& grad, const AttentionLayout& layout) {
  on(grad.q, cpu::attention_backward, cuda::attention_backward, meta::attention_backward)(grad,
                                                                                          layout);
}

// Carries a layout and what the device made of it from forward to backward.
struct LayoutHolder : torch::CustomClassHolder {
  explicit LayoutHolder(AttentionLayout held) : layout(std::move(held)) {}
  AttentionLayout layout;
};

void save(AutogradContext* ctx, const AttentionLayout& layout) {
  ctx->saved_data["layout"] = c10::IValue::make_capsule(c10::make_intrusive<LayoutHolder>(layout));
}

AttentionLayout load(AutogradContext* ctx) {
  const auto holder = ctx->saved_data["layout"].toCapsule();
  return c10::static_intrusive_pointer_cast<LayoutHolder>(holder)->layout;
}

// p = softmax(q k^T / sqrt(K)), o = p v; with a = rowsum(do o) and dp = do v^T:
// ds = p (dp - a) / sqrt(K), dq = ds k, dk = ds^T q, dv = p^T do.
class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const AttentionLayout& layout) {
    const auto [output, log_sum] =
        on(q, cpu::attention, cuda::attention, meta::attention)(q, k, v, layout);
    ctx->save_for_backward({q, k, v, output, log_sum});
    save(ctx, layout);
    return output;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto saved = ctx->get_saved_variables();
    const AttentionGrad grad{.doutput = dy[0].contiguous(),
                             .output = saved[3],
                             .log_sum = saved[4],
                             .q = saved[0],
                             .k = saved[1],
                             .v = saved[2],
                             .dq = empty_like_heads(saved[0]),
                             .dk = empty_like_heads(saved[1]),
                             .dv = empty_like_heads(saved[2])};
    differentiate(grad, load(ctx));
    return {grad.dq, grad.dk, grad.dv, {}};
  }
};

struct Heads {
  at::Tensor q, k, v;
};

Heads heads_in(const at::Tensor& qkv, int64_t num_heads) {
  const auto num_kv_heads = (qkv.size(1) - num_heads) / 2;
  return {.q = qkv.narrow(1, 0, num_heads),
          .k = qkv.narrow(1, num_heads, num_kv_heads),
          .v = qkv.narrow(1, num_heads + num_kv_heads, num_kv_heads)};
}

// As Attention, with the three gradients written side by side.
class SelfAttention : public torch::autograd::Function<SelfAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& qkv, int64_t num_heads,
                            const AttentionLayout& layout) {
    const auto x = heads_in(qkv, num_heads);
    const auto [output, log_sum] =
        on(qkv, cpu::attention, cuda::attention, meta::attention)(x.q, x.k, x.v, layout);
    ctx->save_for_backward({qkv, output, log_sum});
    ctx->saved_data["num_heads"] = num_heads;
    save(ctx, layout);
    return output;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& dy) {
    const auto saved = ctx->get_saved_variables();
    const auto num_heads = ctx->saved_data["num_heads"].toInt();
    const auto dqkv = empty_like_heads(saved[0]);
    const auto x = heads_in(saved[0], num_heads);
    const auto dx = heads_in(dqkv, num_heads);
    const AttentionGrad grad{.doutput = dy[0].contiguous(),
                             .output = saved[1],
                             .log_sum = saved[2],
                             .q = x.q,
                             .k = x.k,
                             .v = x.v,
                             .dq = dx.q,
                             .dk = dx.k,
                             .dv = dx.v};
    differentiate(grad, load(ctx));
    return {dqkv, {}, {}};
  }
};

void check_starts(const std::vector<int64_t>& starts, int64_t documents, int64_t tokens,
                  const char* name) {
  TORCH_CHECK(static_cast<int64_t>(starts.size()) == documents + 1 && starts.front() == 0 &&
                  starts.back() == tokens && std::is_sorted(starts.begin(), starts.end()),
              "attention: ", name, " = ", starts, ": must be ", documents + 1,
              " ascending values from 0 to ", tokens);
}

void check(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
           const AttentionLayout& layout) {
  TORCH_CHECK(q.dim() == 3 && k.dim() == 3 && k.sizes() == v.sizes() && q.size(2) == k.size(2) &&
                  k.size(1) > 0 && q.size(1) % k.size(1) == 0,
              "attention: q is ", q.sizes(), ", k is ", k.sizes(), ", v is ", v.sizes());
  TORCH_CHECK(q.scalar_type() == k.scalar_type() && q.scalar_type() == v.scalar_type(),
              "attention: q is ", q.scalar_type(), ", k is ", k.scalar_type(), ", v is ",
              v.scalar_type());
  check_starts(layout.q_starts, layout.documents(), q.size(0), "q_starts");
  check_starts(layout.kv_starts, layout.documents(), k.size(0), "kv_starts");
}

// Kernels read rows of any distance, but each row [heads, head_dim] in one piece.
at::Tensor whole_rows(const at::Tensor& x) {
  return x.stride(2) == 1 && x.stride(1) == x.size(2) ? x : x.contiguous();
}

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionLayout& layout) {
  check(q, k, v, layout);
  return Attention::apply(whole_rows(q), whole_rows(k), whole_rows(v), layout);
}

at::Tensor self_attention(const at::Tensor& qkv, int64_t num_heads, const AttentionLayout& layout) {
  TORCH_CHECK(qkv.dim() == 3 && qkv.size(1) > num_heads && (qkv.size(1) - num_heads) % 2 == 0,
              "self_attention: qkv is ", qkv.sizes(), ", num_heads = ", num_heads);
  const auto x = heads_in(qkv.detach(), num_heads);
  check(x.q, x.k, x.v, layout);
  return SelfAttention::apply(qkv.contiguous(), num_heads, layout);
}

}  // namespace reka::ops
