import Clockwork
import Glibc
import Workbench

/// Lines typed into another terminal: `/bin/sh` runs them, with the live cluster's address in `$BOOTSTRAP`.
///
/// Nothing that a line starts outlives it.
public struct OtherTerminal: Sendable {
  /// What a line says at its end that cannot run here, in cram and in ours.
  static let skipped: Int32 = 80
  /// Of a line's output, more than any lesson shows.
  private static let most = 1 << 16

  /// Where programs are looked for.
  public var searchPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

  public init() {}

  func has(_ program: String) -> Bool {
    searchPath.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Runs one line. Its outcome is `.done` when it exits 0 and `.failed` otherwise.
  func run(_ line: String, bootstrap: String?, _ errand: Errand) -> (answer: Answer, status: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (Self.broken("There is no pipe left"), -1) }
    defer { close(ends[0]) }
    let child = start(line, bootstrap, output: ends[1])
    close(ends[1])
    guard let child else { return (Self.broken("/bin/sh cannot be started"), -1) }
    var output: [UInt8] = []
    var status: Int32 = 0
    var isOver = false
    while !isOver {
      var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, 20)
      isOver = waitpid(child, &status, WNOHANG) == child
      // What it has started goes with it, and then nobody holds the pipe's other end.
      if isOver || errand.isCancelled() { kill(-child, SIGKILL) }
      Self.drain(ends[0], into: &output)
      // It has closed its output and goes on.
      if !isOver, waiting.revents & Int16(POLLHUP) != 0 { usleep(5000) }
    }
    return Self.told(output, status, wasCancelled: errand.isCancelled())
  }

  private static func told(
    _ output: [UInt8], _ status: Int32, wasCancelled: Bool
  ) -> (answer: Answer, status: Int32) {
    var lines = String(decoding: output, as: UTF8.self).textLines.map { Line($0) }
    if lines.last?.plain.isEmpty == true { lines.removeLast() }
    let isExit = status & 0x7F == 0
    let code = isExit ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    if code != 0, !isExit, wasCancelled { return (Answer(.interrupted, lines), code) }
    if code != 0 { lines.append(Line("exit \(code)", .faint)) }
    return (Answer(code == 0 ? .done : .failed, lines), code)
  }

  private static func broken(_ what: String) -> Answer { Answer(.failed, [Line("\(what).", .bad)]) }

  /// A process group of its own, so that all of it can be ended; signals as a fresh process has them.
  private func start(_ line: String, _ bootstrap: String?, output: Int32) -> pid_t? {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO)
    Self.keepToOurselves()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var environment = ["PATH=\(searchPath)", "LC_ALL=C.UTF-8"]
    if let bootstrap { environment.append("BOOTSTRAP=\(bootstrap)") }
    let words = Self.copied(["/bin/sh", "-c", line])
    let variables = Self.copied(environment)
    defer { for text in words + variables { free(text) } }
    var child = pid_t()
    return posix_spawn(&child, "/bin/sh", &files, &attributes, words, variables) == 0 ? child : nil
  }

  /// Every descriptor but the three standard ones is closed in what is started from now on: a broker's socket that a
  /// child holds would keep the port from a broker that is started again.
  private static func keepToOurselves() {
    for name in File.names(in: "/proc/self/fd") {
      if let descriptor = Int32(name), descriptor > STDERR_FILENO { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }
  }

  /// As the system takes lists of texts: with nothing at the end. To be freed, one by one.
  private static func copied(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var copies: [UnsafeMutablePointer<CChar>?] = []
    for text in texts { copies.append(strdup(text)) }
    return copies + [nil]
  }

  /// Reads what is there, and no more than is kept; the rest is thrown away.
  private static func drain(_ descriptor: Int32, into output: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 0) > 0 else { return }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      output += buffer.prefix(min(count, most - output.count))
    }
  }
}
