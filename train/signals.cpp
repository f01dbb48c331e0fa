#include "train/signals.h"

#include <array>
#include <csignal>

namespace reka::train {
namespace {

constexpr std::array kSignals = {SIGTERM, SIGINT};
volatile std::sig_atomic_t received_signal = 0;
std::array<struct sigaction, kSignals.size()> before;

void on_signal(int signal) {
  if (received_signal != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  received_signal = signal;
}

}  // namespace

StopSignals::StopSignals() {
  received_signal = 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before[i]);
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

int StopSignals::received() {
  return received_signal;
}

int StopSignals::exit_code() {
  return 128 + (received_signal == 0 ? SIGTERM : received_signal);
}

}  // namespace reka::train
