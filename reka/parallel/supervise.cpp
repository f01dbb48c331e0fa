#include "reka/parallel/supervise.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reka/base/error.h"
#include "reka/base/log.h"
#include "reka/parallel/launch.h"
#include "reka/parallel/store.h"

extern char** environ;

namespace reka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kGrace = std::chrono::seconds(10);  // between asking ranks to end and killing them
constexpr auto kOneSignal = std::chrono::seconds(1);  // `timeout` and groups send two at once
constexpr int kWrongConfig = 2;                       // of this program: the same at each start
constexpr int kCannotStart = 127;                     // as shells say it
constexpr int kSignalled = 128;  // plus the number of the signal, as they say it

template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  write_if_possible(stderr, "launch: " + fmt::format(format, std::forward<Args>(args)...) + "\n");
}

/// The errors that this program's ranks ended with; all ranks find the same ones in a config.
struct Errors {
  std::set<std::string, std::less<>> lines;
  int64_t repeated = 0;
};

/// One stream of one rank: whole lines go out with the rank in front, once; an error that another
/// rank has told is left out.
class Stream {
 public:
  Stream(int fd, std::FILE* sink, std::string name, Errors& errors)
      : fd_(fd), sink_(sink), name_(std::move(name)), errors_(errors) {}

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }

  void read_some() {
    std::array<char, 65536> buffer;
    const auto n = read(fd_, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n <= 0) return finish();
    pending_.append(buffer.data(), static_cast<size_t>(n));
    size_t begin = 0;
    for (size_t end; (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      print(std::string_view(pending_).substr(begin, end - begin));
    }
    pending_.erase(0, begin);
  }

  void finish() {
    if (!open()) return;
    if (!pending_.empty()) print(pending_);
    pending_.clear();
    close(fd_);
    fd_ = -1;
  }

 private:
  void print(std::string_view line) {
    if (line.starts_with(kErrorMark) && !errors_.lines.emplace(line).second) {
      ++errors_.repeated;
      return;
    }
    const auto name = line.starts_with(name_) ? "" : std::string_view(name_);  // log lines have it
    write_if_possible(sink_, fmt::format("{}{}\n", name, line));
  }

  int fd_;
  std::FILE* sink_;
  std::string name_;
  Errors& errors_;
  std::string pending_;
};

struct Process {
  pid_t pid = -1;
  bool running = true;
};

/// Blocks the signals that this process passes on while it lives, and reads them as numbers. Where
/// SIGCHLD came in ignored (cron, some containers), children would end without a trace.
class Signals {
 public:
  Signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const auto signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&wanted, signal);
    sigprocmask(SIG_BLOCK, &wanted, &before_);
    of_children_ = std::signal(SIGCHLD, SIG_DFL);
    fd_ = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals() {
    close(fd_);
    std::signal(SIGCHLD, of_children_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_; }
  const sigset_t& before() const { return before_; }
  std::optional<int> next() const {
    signalfd_siginfo found = {};
    if (read(fd_, &found, sizeof(found)) != sizeof(found)) return std::nullopt;
    return static_cast<int>(found.ssi_signo);
  }

 private:
  int fd_ = -1;
  sigset_t before_ = {};
  void (*of_children_)(int) = SIG_DFL;
};

/// All ranks of one attempt.
class Attempt {
 public:
  Attempt(const Job& job, int64_t attempt, const Signals& signals) : signals_(signals) {
    store_ = serve_store(0, true, c10d::Store::kDefaultTimeout);
    for (int64_t rank = 0; rank < job.processes; ++rank) start(job, rank, attempt);
  }

  /// The exit code, after all ranks have ended.
  int run() {
    while (running() > 0) {
      wait_for_news();
      while (const auto signal = signals_.next()) handle(*signal);
      reap();  // at each turn: signals of several children may come as one
      if (Clock::now() > kill_at_) send(SIGKILL);
    }
    for (auto& stream : streams_) drain(stream);
    if (errors_.repeated > 0) say("{} lines of other ranks were the same", errors_.repeated);
    return exit_code_ == 0 && stopped_ ? kSignalled + passed_on_ : exit_code_;
  }

  bool asked_to_end() const { return passed_on_ != 0; }

 private:
  std::vector<std::string> environment(const Job& job, int64_t rank, int64_t attempt) const;
  void start(const Job& job, int64_t rank, int64_t attempt);
  void wait_for_news();
  void handle(int signal);
  void reap();
  void judge(int64_t rank, int status);
  void drain(Stream& stream);
  void send(int signal);
  int64_t running() const;

  const Signals& signals_;
  c10::intrusive_ptr<c10d::TCPStore> store_;
  std::vector<Process> processes_;
  Errors errors_;
  std::vector<Stream> streams_;
  Clock::time_point kill_at_ = Clock::time_point::max();
  int passed_on_ = 0;  // the signal that all ranks got
  Clock::time_point asked_at_;
  bool killed_ = false;   // after another signal
  bool stopped_ = false;  // of either
  int exit_code_ = 0;
};

std::vector<std::string> Attempt::environment(const Job& job, int64_t rank, int64_t attempt) const {
  std::vector<std::string> result = {
      fmt::format("RANK={}", rank),
      fmt::format("LOCAL_RANK={}", rank),
      fmt::format("WORLD_SIZE={}", job.processes),
      fmt::format("LOCAL_WORLD_SIZE={}", job.processes),
      "MASTER_ADDR=127.0.0.1",
      fmt::format("MASTER_PORT={}", store_->getPort()),
      "TORCHELASTIC_USE_AGENT_STORE=True",
      fmt::format("TORCHELASTIC_RESTART_COUNT={}", attempt),
  };
  if (!process_environment("OMP_NUM_THREADS")) {
    const auto cores = static_cast<int64_t>(std::thread::hardware_concurrency());
    result.push_back(
        fmt::format("OMP_NUM_THREADS={}", std::max<int64_t>(1, cores / job.processes)));
  }
  const auto own = result.size();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto key = text.substr(0, text.find('=') + 1);
    const bool replaced = std::any_of(result.begin(), result.begin() + static_cast<long>(own),
                                      [&](const auto& mine) { return mine.starts_with(key); });
    if (!replaced) result.emplace_back(text);
  }
  return result;
}

void Attempt::start(const Job& job, int64_t rank, int64_t attempt) {
  const auto variables = environment(job, rank, attempt);
  std::vector<char*> arguments, settings;
  for (const auto& word : job.command) arguments.push_back(const_cast<char*>(word.c_str()));
  for (const auto& variable : variables) settings.push_back(const_cast<char*>(variable.c_str()));
  arguments.push_back(nullptr);
  settings.push_back(nullptr);
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
    throw Error(fmt::format("launch: rank {}: {}", rank, std::strerror(errno)));
  }
  const auto failure = fmt::format("launch: {}: cannot be started\n", job.command.front());
  const auto parent = getpid();
  const auto pid = fork();
  if (pid < 0) throw Error(fmt::format("launch: rank {}: {}", rank, std::strerror(errno)));
  if (pid == 0) {  // only calls that are safe between fork and exec
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(kCannotStart);
    setpgid(0, 0);  // a terminal's Ctrl-C comes from the launcher, once
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const auto signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
    sigprocmask(SIG_SETMASK, &signals_.before(), nullptr);
    execvpe(arguments[0], arguments.data(), settings.data());
    if (write(STDERR_FILENO, failure.data(), failure.size()) < 0) _exit(1);
    _exit(kCannotStart);
  }
  close(out[1]);
  close(err[1]);
  processes_.push_back({pid});
  const auto name = fmt::format("[{}/{}] ", rank, job.processes);
  streams_.emplace_back(out[0], stdout, name, errors_);
  streams_.emplace_back(err[0], stderr, name, errors_);
}

void Attempt::wait_for_news() {
  std::vector<pollfd> polls = {{signals_.fd(), POLLIN, 0}};
  for (const auto& stream : streams_) polls.push_back({stream.fd(), POLLIN, 0});
  poll(polls.data(), polls.size(), /*milliseconds=*/500);
  for (size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].open() && polls[i + 1].revents != 0) streams_[i].read_some();
  }
}

void Attempt::handle(int signal) {
  if (signal == SIGCHLD) return;  // only ends the wait
  if (asked_to_end()) {
    if (Clock::now() - asked_at_ < kOneSignal) return;
    say("a second signal: the ranks are ended at once");
    killed_ = true;
    return send(SIGKILL);
  }
  passed_on_ = signal;
  asked_at_ = Clock::now();
  send(signal);
}

void Attempt::reap() {
  for (size_t rank = 0; rank < processes_.size(); ++rank) {
    auto& process = processes_[rank];
    if (!process.running) continue;
    int status = 0;
    const auto found = waitpid(process.pid, &status, WNOHANG);
    if (found < 0 && errno == ECHILD) {
      status = W_EXITCODE(1, 0);  // it has ended and nobody knows how
    } else if (found != process.pid) {
      continue;
    }
    process.running = false;
    drain(streams_[2 * rank]);
    drain(streams_[2 * rank + 1]);
    judge(static_cast<int64_t>(rank), status);
  }
}

void Attempt::judge(int64_t rank, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const auto code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  if (asked_to_end() && (killed_ || code == kSignalled + passed_on_)) {
    stopped_ = true;
    return;
  }
  if (exit_code_ != 0) return;  // a consequence of the first failure
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  const auto how = WIFEXITED(status) ? fmt::format("exit code {}", exit_code_)
                                     : fmt::format("signal {} ({})", WTERMSIG(status),
                                                   strsignal(WTERMSIG(status)));
  say("rank {}: ended with {}: the other ranks are stopped", rank, how);
  send(SIGTERM);
  kill_at_ = Clock::now() + kGrace;
}

/// What a rank wrote before its end.
void Attempt::drain(Stream& stream) {
  while (stream.open()) {
    pollfd ready = {stream.fd(), POLLIN, 0};
    if (poll(&ready, 1, 0) <= 0) break;
    stream.read_some();
  }
  stream.finish();
}

void Attempt::send(int signal) {
  for (const auto& process : processes_) {
    if (process.running) kill(process.pid, signal);
  }
}

int64_t Attempt::running() const {
  return std::count_if(processes_.begin(), processes_.end(),
                       [](const auto& process) { return process.running; });
}

}  // namespace

int supervise(const Job& job) {
  const Signals signals;
  for (int64_t attempt = 0;; ++attempt) {
    Attempt ranks(job, attempt, signals);
    const auto code = ranks.run();
    const bool hopeless = code == kWrongConfig || code == kCannotStart;
    if (code == 0 || hopeless || ranks.asked_to_end() || attempt == job.restarts) return code;
    say("restart {} of {}", attempt + 1, job.restarts);
  }
}

}  // namespace reka
