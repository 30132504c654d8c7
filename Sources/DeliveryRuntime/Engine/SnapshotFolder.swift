internal import Clockwork
internal import Delivery
internal import Dispatch
internal import Glibc
public import RecordLog
internal import Synchronization

/// The newest snapshot of each task that an instance has had, in a folder: a file for each.
///
/// They are encoded and written on a thread of their own, from copies of what was in memory, of which most is shared with
/// the original until that changes. Nothing depends on them: what is of no use is said in a line and dropped. Instances may
/// share a folder, so that each finds what another has left: a file is replaced as a whole.
public final class SnapshotFolder: Sendable {
  private struct State {
    /// What is not in its file yet, the one that is being written too: the newest of each task, and no more.
    var waiting: [TaskName: TaskSnapshot] = [:]
    var isWriting = false
  }

  private let directory: LogDirectory
  private let draftSuffix: String
  private let say: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "snapshots")
  private let state = Mutex(State())

  /// Opens a folder, and makes it if need be. `instance`: who writes here; no two at once have the same name.
  public init(
    opening path: String, instance: String, say: @escaping @Sendable (String) -> Void
  ) throws(LogError) {
    directory = try LogDirectory(path)
    var hasher = StateHasher()
    hasher.combine(instance)
    draftSuffix = ".\(String(hasher.finalize(), radix: 16)).draft"
    self.say = say
    // Left by who died while writing. Whoever is writing at this moment fails, says so, and writes again later.
    for name in try directory.names() where name.hasSuffix(".draft") { try directory.remove(name) }
  }

  private static func file(_ task: TaskName) -> String { "\(task.input.name)-\(task.partition).snapshot" }

  /// Takes a snapshot, and writes it in a while.
  func keep(_ snapshot: TaskSnapshot, of task: TaskName) {
    let isIdle = state.withLock { state in
      state.waiting[task] = snapshot
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if isIdle { queue.async { self.write() } }
  }

  private func write() {
    while let (task, snapshot) = next() {
      do throws(LogError) { try write(snapshot.encoded(), Self.file(task)) } catch {
        say("\(task): no snapshot is kept: \(error.reason)")
      }
      state.withLock { if $0.waiting[task]?.last == snapshot.last { $0.waiting[task] = nil } }
    }
  }

  private func next() -> (TaskName, TaskSnapshot)? {
    state.withLock { state in
      let first = state.waiting.min { $0.value.last < $1.value.last }
      state.isWriting = first != nil
      return first.map { ($0.key, $0.value) }
    }
  }

  /// All of it or what was there before: after a power loss too, since the bytes are on the disk before the name is theirs.
  private func write(_ bytes: [UInt8], _ name: String) throws(LogError) {
    guard bytes.count <= TaskSnapshot.mostBytes else { throw .notAppendable("\(SnapshotError.tooLong(bytes.count))") }
    let draft = name + draftSuffix
    let file = try directory.file(draft, emptied: true)
    try file.write(bytes, at: 0)
    try file.sync()
    try directory.rename(draft, to: name)
  }

  /// Waits until everything kept is in its file.
  func finish() { queue.sync {} }

  /// The newest snapshot of a task; nil when there is none, or none of use.
  func snapshot(of task: TaskName) -> TaskSnapshot? {
    if let waiting = state.withLock({ $0.waiting[task] }) { return waiting }
    do {
      guard try directory.names().contains(Self.file(task)) else { return nil }
      let file = try directory.file(Self.file(task))
      let count = try file.size()
      guard count <= TaskSnapshot.mostBytes else { throw SnapshotError.tooLong(count) }
      return try TaskSnapshot(
        encoded: try file.read(at: 0, count: count), into: TaskMemory(task.input, task.partition))
    } catch {
      drop(task, because: "\(error)")
      return nil
    }
  }

  /// It is of no use.
  func drop(_ task: TaskName, because why: String) {
    say("\(task): its snapshot is dropped, and its log read from the beginning: \(why)")
    state.withLock { $0.waiting[task] = nil }
    try? directory.remove(Self.file(task))
  }
}

extension LogError {
  /// For whoever is to mend it: `create /x/y: No such file or directory`.
  public var reason: String {
    switch self {
    case .io(let code, let attempt): "\(attempt): \(String(cString: strerror(code)))"
    case .diskFull: "the disk is full"
    case .notAppendable(let why): why
    case .outOfRange, .corrupt: "\(self)"
    }
  }
}
