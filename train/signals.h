#pragma once

namespace reka::train {

/// While it lives, SIGTERM, SIGINT and SIGHUP (unless it is ignored, as by nohup) only set a flag,
/// so that a step can end and be saved, which is told where `tells`; one that comes more than a
/// second later ends the process at once. A closed pipe and a limit of file sizes are errors of
/// writes then, not the end. One at a time.
class StopSignals {
 public:
  explicit StopSignals(bool tells);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that came to the last of them, or 0.
  static int received();
  /// Of a process that was stopped, as shells say it: 128 + the signal; SIGTERM where it came to
  /// another rank.
  static int exit_code();
};

}  // namespace reka::train
