/// Work that makes durable what a log held when the work was made. It may take long, so another thread than the log's
/// owner may do it; the owner hears of it by `SegmentedLog.flushed`.
public struct LogFlush: Sendable {
  let files: [LogFile]
  let directory: LogDirectory
  /// What it covers.
  let endOffset: Offset
  let position: UInt64
  /// How often the log had been truncated: a flush that a truncation overtook proves nothing.
  let truncations: UInt64

  /// Nothing was written since the last one.
  public var isEmpty: Bool { files.isEmpty }

  /// Waits until everything is on the platter.
  public func run() throws(LogError) {
    guard !isEmpty else { return }
    for file in files { try file.sync() }
    try directory.sync()
  }
}
