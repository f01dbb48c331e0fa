#include "train/signals.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string_view>

#include <unistd.h>

namespace reka::train {
namespace {

constexpr std::array kSignals = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ};
constexpr size_t kStopping = 3;  // of them
volatile std::sig_atomic_t received_signal = 0;
std::array<struct sigaction, kSignals.size()> before;

volatile std::sig_atomic_t tells_of_signals = 0;
timespec first_time = {};

constexpr std::string_view kTold =
    "stopping: this step is ended and saved; a second signal ends the run at once\n";

int64_t milliseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

// Calls only what is safe in a signal's handler. `timeout` sends two signals at once, as may those
// who stop a whole process group: these are one.
void on_signal(int signal) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (received_signal == 0) {
    first_time = now;
    received_signal = signal;
    if (tells_of_signals != 0 && write(STDERR_FILENO, kTold.data(), kTold.size()) < 0) return;
  } else if (milliseconds(now) - milliseconds(first_time) > 1000) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

StopSignals::StopSignals(bool tells) {
  received_signal = 0;
  tells_of_signals = tells ? 1 : 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    action.sa_handler = i < kStopping ? on_signal : SIG_IGN;
    sigaction(kSignals[i], &action, &before[i]);
    const bool kept = kSignals[i] == SIGHUP && before[i].sa_handler == SIG_IGN;  // by nohup
    if (kept) sigaction(kSignals[i], &before[i], nullptr);
  }
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
