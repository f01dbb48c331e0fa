#pragma once

namespace reka::train {

/// While it lives, SIGTERM and SIGINT only set a flag, so that a step can end and be saved; the
/// second one ends the process at once. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that came, or 0.
  static int received();
};

}  // namespace reka::train
